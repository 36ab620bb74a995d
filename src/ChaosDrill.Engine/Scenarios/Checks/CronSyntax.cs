using System.Globalization;

namespace ChaosDrill.Engine.Scenarios.Checks;

/// <summary>
/// Reads cron expressions of five fields: numbers, <c>*</c>, ranges, lists and steps, names of months and days. What
/// Quartz adds (<c>L</c>, <c>W</c>, <c>#</c>, seconds) is refused, so that an expression means the same everywhere.
/// </summary>
internal static class CronSyntax
{
    private static readonly string[] Months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    private static readonly string[] Days = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

    // Sunday is both 0 and 7.
    private static readonly Field[] Fields =
    [
        new("minute", 0, 59, []), new("hour", 0, 23, []), new("day of month", 1, 31, []), new("month", 1, 12, Months), new("day of week", 0, 7, Days),
    ];

    /// <summary>What is wrong with the expression; null when nothing is.</summary>
    public static (string Message, string Mend)? Check(string cron)
    {
        var found = $"found {Shown.Quoted(cron)}, ";
        if (cron.StartsWith('@'))
        {
            return (found + "cron is written as five fields", $"write \"{Spelt(cron)}\"");
        }

        var parts = cron.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length != Fields.Length)
        {
            var hint = parts.Length is 6 or 7 ? "leave out the seconds and the year" : "write minute, hour, day of month, month and day of week, such as \"0 3 * * *\"";
            return (found + $"cron has five fields and not {parts.Length}", hint);
        }

        for (var i = 0; i < parts.Length; i++)
        {
            foreach (var item in parts[i].Split(','))
            {
                if (Fields[i].Check(item) is { } wrong)
                {
                    return ($"{found}{Fields[i].Name} {Shown.Quoted(item)} {wrong}", $"allowed: {Fields[i].Allowed}");
                }
            }
        }

        return NeverDue(parts[2], parts[3], parts[4]) ? (found + "that day never comes", "choose a day that its month has") : null;
    }

    private static bool NeverDue(string day, string month, string weekday)
    {
        int[] longest = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        var days = Fields[2].Values(day).ToList();
        return weekday == "*" && Fields[3].Values(month).All(m => days.All(d => d > longest[m - 1]));
    }

    private static string Spelt(string cron) => cron.ToLowerInvariant() switch
    {
        "@hourly" => "0 * * * *",
        "@weekly" => "0 0 * * 0",
        "@monthly" => "0 0 1 * *",
        "@yearly" or "@annually" => "0 0 1 1 *",
        _ => "0 0 * * *",
    };

    private sealed record Field(string Name, int Least, int Most, string[] Names)
    {
        public string Allowed =>
            $"{Least} to {Most}{(Names.Length == 0 ? "" : $" or {Names[0]} to {Names[^1]}")}, *, ranges a-b, lists a,b, and steps */n or a-b/n";

        /// <summary>What is wrong with one item of a list.</summary>
        public string? Check(string item)
        {
            var slash = item.IndexOf('/', StringComparison.Ordinal);
            var range = slash < 0 ? item : item[..slash];
            if (slash >= 0 && (!TryNumber(item[(slash + 1)..], out var step) || step == 0))
            {
                return "has no step of 1 or more";
            }

            if (range == "*")
            {
                return null;
            }

            var dash = range.IndexOf('-', StringComparison.Ordinal);
            if (dash < 0)
            {
                return !TryValue(range, out var single) ? "cannot be read"
                    : slash >= 0 ? "has a step but no range"
                    : InRange(single) ? null : "is out of range";
            }

            return !TryValue(range[..dash], out var first) || !TryValue(range[(dash + 1)..], out var last) ? "cannot be read"
                : !InRange(first) || !InRange(last) ? "is out of range"
                : first > last ? "ends before it begins" : null;
        }

        /// <summary>The values that a good field stands for.</summary>
        public IEnumerable<int> Values(string field)
        {
            foreach (var item in field.Split(','))
            {
                var parts = item.Split('/');
                var step = parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 1;
                var ends = parts[0].Split('-');
                var first = Least;
                var last = Most;
                if (parts[0] != "*")
                {
                    _ = TryValue(ends[0], out first);
                    _ = TryValue(ends[^1], out last);
                }

                for (var value = first; value <= last; value += step)
                {
                    yield return value;
                }
            }
        }

        private bool InRange(int value) => value >= Least && value <= Most;

        private bool TryValue(string text, out int value)
        {
            var name = Array.FindIndex(Names, n => n.Equals(text, StringComparison.OrdinalIgnoreCase));
            value = name + Names.Length switch { 12 => 1, _ => 0 };
            return name >= 0 || TryNumber(text, out value);
        }

        // Five digits are plenty, and int.Parse takes more than digits.
        private static bool TryNumber(string text, out int value)
        {
            value = 0;
            return text.Length is > 0 and <= 5 && text.All(char.IsAsciiDigit) && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
        }
    }
}
