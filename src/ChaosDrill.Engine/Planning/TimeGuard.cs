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
        var freeze = guards.Freezes.FirstOrDefault(f => IsOn(f, local));
        var open = freeze is null && IsOpen(guards, local);
        var limit = string.Join(", ", guards.Windows.Select(w => w.Text).Concat(guards.Freezes.Select(f => $"not {f}")));
        var next = open ? null : Next(guards, now, zone);
        return GuardCheck.Of(
            freeze is null ? "windows" : "freezes", limit, $"{Text(local)} in {guards.TimeZone}", open,
            freeze is null
                ? $"it is {Text(local)} in {guards.TimeZone}; guards.windows allows {string.Join(", ", guards.Windows)}"
                : $"it is {Text(local)} in {guards.TimeZone}; guards.freezes forbids {freeze}",
            next is { } at ? $"start it later: it may begin on {Text(at)}" : "there is no such time within a year; change spec.guards");
    }

    private static bool IsOpen(GuardsSpec guards, DateTimeOffset local) => guards.Windows.Count == 0 || guards.Windows.Any(w => w.Holds(local.DateTime));

    private static bool IsOn(DateSpan freeze, DateTimeOffset local) => freeze.Holds(DateOnly.FromDateTime(local.DateTime));

    /// <summary>The first instant after now at which a fault may begin. It is a window's beginning, or the midnight after a freeze, unless daylight saving moves it.</summary>
    private static DateTimeOffset? Next(GuardsSpec guards, DateTimeOffset now, TimeZoneInfo zone)
    {
        var today = TimeZoneInfo.ConvertTime(now, zone).Date;
        List<int> beginnings = [0, .. guards.Windows.Select(w => w.From).Order()];
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
                if (at > now && !guards.Freezes.Any(f => IsOn(f, at)) && IsOpen(guards, at))
                {
                    return at;
                }
            }
        }

        return null;
    }

    private static string Text(DateTimeOffset local) => local.ToString("ddd yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
}
