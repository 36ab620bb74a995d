using System.Globalization;

namespace ChaosDrill.Twin.Velero;

/// <summary>When a schedule is due: five cron fields in UTC, a descriptor such as <c>@daily</c>, or <c>@every DURATION</c>, as robfig/cron's standard parser reads them.</summary>
internal sealed class CronSchedule
{
    private static readonly string[] Months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    private static readonly string[] Days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    private static readonly Dictionary<string, string> Descriptors = new(StringComparer.Ordinal)
    {
        ["@yearly"] = "0 0 1 1 *", ["@annually"] = "0 0 1 1 *", ["@monthly"] = "0 0 1 * *", ["@weekly"] = "0 0 * * 0",
        ["@daily"] = "0 0 * * *", ["@midnight"] = "0 0 * * *", ["@hourly"] = "0 * * * *",
    };

    private readonly TimeSpan? every;
    private readonly HashSet<int>[] fields = [];
    private readonly bool anyDay;
    private readonly bool anyWeekday;

    private CronSchedule(TimeSpan period) => every = period;

    private CronSchedule(string[] words)
    {
        (int Low, int High, string[] Names, int First)[] ranges = [(0, 59, [], 0), (0, 23, [], 0), (1, 31, [], 0), (1, 12, Months, 1), (0, 6, Days, 0)];
        fields = [.. words.Select((word, i) => Field(word, ranges[i].Low, ranges[i].High, ranges[i].Names, ranges[i].First))];
        (anyDay, anyWeekday) = (words[2][0] is '*' or '?', words[4][0] is '*' or '?');
    }

    /// <summary>Reads a schedule.</summary>
    /// <exception cref="FormatException">It is none; says why.</exception>
    public static CronSchedule Parse(string text)
    {
        if (text.StartsWith("@every ", StringComparison.Ordinal))
        {
            return GoDuration.TryParse(text["@every ".Length..], out var period) && period > TimeSpan.Zero ? new CronSchedule(period) : throw new FormatException($"failed to parse duration {text}");
        }

        var words = Descriptors.GetValueOrDefault(text, text).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return text.StartsWith('@') && words.Length == 1 ? throw new FormatException($"unrecognized descriptor: {text}")
            : words.Length == 5 ? new CronSchedule(words) : throw new FormatException($"expected exactly 5 fields, found {words.Length}: [{text}]");
    }

    /// <summary>The first time after an instant; null when there is none within five years.</summary>
    public DateTimeOffset? After(DateTimeOffset instant)
    {
        if (every is { } period)
        {
            return instant + period;
        }

        var utc = instant.UtcDateTime;
        var time = new DateTime(utc.Year, utc.Month, utc.Day, utc.Hour, utc.Minute, 0, DateTimeKind.Utc).AddMinutes(1);
        for (var end = time.AddYears(5); time < end;)
        {
            if (!IsDay(time))
            {
                time = time.Date.AddDays(1);
            }
            else if (!fields[1].Contains(time.Hour))
            {
                time = time.Date.AddHours(time.Hour + 1);
            }
            else if (!fields[0].Contains(time.Minute))
            {
                time = time.AddMinutes(1);
            }
            else
            {
                return new DateTimeOffset(time, TimeSpan.Zero);
            }
        }

        return null;
    }

    /// <summary>Where both days are restricted, either will do.</summary>
    private bool IsDay(DateTime time)
    {
        var (day, weekday) = (fields[2].Contains(time.Day), fields[4].Contains((int)time.DayOfWeek));
        return fields[3].Contains(time.Month) && (anyDay || anyWeekday ? day && weekday : day || weekday);
    }

    private static HashSet<int> Field(string word, int low, int high, string[] names, int first)
    {
        var values = new HashSet<int>();
        foreach (var part in word.Split(','))
        {
            var step = part.Split('/');
            var range = step[0].Split('-');
            var each = step.Length == 2 ? Number(step[1], part, [], 0) : 1;
            var from = range[0] is "*" or "?" ? low : Number(range[0], part, names, first);
            var to = range.Length == 2 ? Number(range[1], part, names, first) : range[0] is "*" or "?" || step.Length == 2 ? high : from;
            if (step.Length > 2 || range.Length > 2 || each < 1 || from < low || to > high || from > to)
            {
                throw new FormatException($"{part} is not within {low} to {high}");
            }

            for (var value = from; value <= to; value += each)
            {
                values.Add(value);
            }
        }

        return values;
    }

    private static int Number(string text, string part, string[] names, int first)
    {
        var named = Array.IndexOf(names, text.ToLowerInvariant());
        return named >= 0 ? named + first : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw new FormatException($"failed to parse int from {part}");
    }
}
