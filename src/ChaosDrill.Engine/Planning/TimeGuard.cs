using System.Globalization;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Engine.Planning;

/// <summary>
/// Whether a fault may begin now. An instant is turned into the zone's wall clock, never the other way round, so that
/// daylight saving leaves no doubt: a time that is passed over never comes, and one that comes twice counts both times.
/// </summary>
public static class TimeGuard
{
    /// <summary>How far the next open time is looked for.</summary>
    private const int DaysAhead = 400;

    /// <summary>Rules on an instant; null when the guards say nothing of times.</summary>
    public static GuardCheck? Check(GuardsSpec guards, DateTimeOffset now)
    {
        if (guards.Windows.Count == 0 && guards.Freezes.Count == 0)
        {
            return null;
        }

        var zone = TimeZoneInfo.FindSystemTimeZoneById(guards.TimeZone);
        var local = TimeZoneInfo.ConvertTime(now, zone);
        var freeze = guards.Freezes.FirstOrDefault(f => Covers(f, local));
        var open = freeze is null && IsOpen(guards, local);
        var limit = string.Join(", ", guards.Windows.Select(Text).Concat(guards.Freezes.Select(f => $"not {Text(f)}")));
        var next = open ? null : Next(guards, now, zone);
        return GuardCheck.Of(
            freeze is null ? "windows" : "freezes", limit, $"{Text(local)} in {guards.TimeZone}", open,
            freeze is null
                ? $"it is {Text(local)} in {guards.TimeZone}; guards.windows allows {string.Join(", ", guards.Windows.Select(Text))}"
                : $"it is {Text(local)} in {guards.TimeZone}; guards.freezes forbids {Text(freeze)}{(freeze.Reason is null ? "" : $" ({freeze.Reason})")}",
            next is { } at ? $"start it later: it may begin on {Text(at)}" : "there is no such time within a year; change spec.guards");
    }

    /// <summary>Minutes since midnight of <c>09:00</c>; null when it is no time.</summary>
    internal static int? Minutes(string text) =>
        text.Length == 5 && text[2] == ':' && Digits(text[..2]) is { } hours && Digits(text[3..]) is { } minutes
        && minutes < 60 && (hours < 24 || (hours == 24 && minutes == 0))
            ? (hours * 60) + minutes
            : null;

    /// <summary>A date such as <c>2026-12-18</c>; null when it is none.</summary>
    internal static DateOnly? Date(string text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date : null;

    private static int? Digits(string two) => two.All(char.IsAsciiDigit) ? int.Parse(two, CultureInfo.InvariantCulture) : null;

    private static bool IsOpen(GuardsSpec guards, DateTimeOffset local) => guards.Windows.Count == 0 || guards.Windows.Any(w => Covers(w, local));

    private static bool Covers(TimeWindow window, DateTimeOffset local)
    {
        var (from, to) = (Minutes(window.From)!.Value, Minutes(window.To)!.Value);
        var minute = local.TimeOfDay.TotalMinutes;
        return from < to
            ? IsOn(window, local) && minute >= from && minute < to
            : (IsOn(window, local) && minute >= from) || (IsOn(window, local.AddDays(-1)) && minute < to);
    }

    private static bool IsOn(TimeWindow window, DateTimeOffset local) => window.Days.Count == 0 || window.Days.Contains((Weekday)local.DayOfWeek);

    private static bool Covers(Freeze freeze, DateTimeOffset local)
    {
        var day = DateOnly.FromDateTime(local.DateTime);
        return day >= Date(freeze.From) && day <= Date(freeze.To ?? freeze.From);
    }

    /// <summary>The first instant after now at which a fault may begin. It is a window's beginning, or the midnight after a freeze, unless daylight saving moves it.</summary>
    private static DateTimeOffset? Next(GuardsSpec guards, DateTimeOffset now, TimeZoneInfo zone)
    {
        var today = TimeZoneInfo.ConvertTime(now, zone).Date;
        List<int> beginnings = [0, .. guards.Windows.Select(w => Minutes(w.From)!.Value).Order()];
        for (var day = 0; day <= DaysAhead; day++)
        {
            foreach (var minutes in beginnings)
            {
                var wall = today.AddDays(day).AddMinutes(minutes);
                while (zone.IsInvalidTime(wall))
                {
                    wall = wall.AddMinutes(15);
                }

                var at = new DateTimeOffset(wall, zone.GetUtcOffset(wall));
                if (at > now && !guards.Freezes.Any(f => Covers(f, at)) && IsOpen(guards, at))
                {
                    return at;
                }
            }
        }

        return null;
    }

    private static string Text(DateTimeOffset local) => local.ToString("ddd yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    private static string Text(TimeWindow window) =>
        $"{(window.Days.Count == 0 ? "" : string.Join("/", window.Days) + " ")}{window.From}-{window.To}";

    private static string Text(Freeze freeze) => freeze.To is null ? freeze.From : $"{freeze.From} to {freeze.To}";
}
