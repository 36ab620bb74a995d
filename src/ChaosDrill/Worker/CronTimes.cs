using ChaosDrill.Model.Scenarios;
using Quartz;

namespace ChaosDrill.Worker;

/// <summary>The times of a schedule, as Quartz computes them.</summary>
internal static class CronTimes
{
    /// <summary>How many times in a row may be left out by a calendar before no next one is given.</summary>
    private const int LongestWait = 100_000;

    /// <summary>The zone of a schedule; UTC needs no zone data, which a minimal container may lack.</summary>
    public static TimeZoneInfo Zone(ScheduleSpec schedule) =>
        schedule.TimeZone is "Etc/UTC" or "UTC" ? TimeZoneInfo.Utc : TimeZoneInfo.FindSystemTimeZoneById(schedule.TimeZone);

    /// <summary>The cron expression in Quartz's form.</summary>
    public static CronExpression Expression(ScheduleSpec schedule) => CronExpression.Parse(schedule.Cron, CronFormat.Unix).WithTimeZone(Zone(schedule));

    /// <summary>The next times after an instant at which a run may start; frozen days and closed hours are left out.</summary>
    public static IEnumerable<DateTimeOffset> After(ScheduleSpec schedule, DateTimeOffset instant)
    {
        var (expression, zone, tried) = (Expression(schedule), Zone(schedule), 0);
        for (var next = expression.GetNextValidTimeAfter(instant); next is not null && tried < LongestWait; next = expression.GetNextValidTimeAfter(next.Value))
        {
            tried++;
            if (schedule.Closed(TimeZoneInfo.ConvertTime(next.Value, zone).DateTime) is null)
            {
                tried = 0;
                yield return next.Value;
            }
        }
    }

    /// <summary>Why no run may start at an instant; null when one may.</summary>
    public static string? Closed(ScheduleSpec schedule, DateTimeOffset instant) =>
        schedule.Closed(TimeZoneInfo.ConvertTime(instant, Zone(schedule)).DateTime);
}
