using ChaosDrill.Model.Scenarios;
using ChaosDrill.Worker;

namespace ChaosDrill.Tests.Worker;

/// <summary>The rules that docs/worker.md states for the two nights a year on which clocks are moved.</summary>
public sealed class CronTimesTests
{
    [Theory]
    // Clocks go from 02:00 to 03:00: what is left out runs at the first moment after it, once.
    [InlineData("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00Z", "2026-03-29T01:00Z 2026-03-30T00:30Z")]
    [InlineData("*/30 * * * *", "Europe/Berlin", "2026-03-29T00:10Z", "2026-03-29T00:30Z 2026-03-29T01:00Z 2026-03-29T01:30Z")]
    [InlineData("0 3 * * *", "Europe/Berlin", "2026-03-28T12:00Z", "2026-03-29T01:00Z 2026-03-30T01:00Z")]
    // Clocks go from 03:00 to 02:00: a time that comes twice runs the first time.
    [InlineData("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00Z", "2026-10-25T00:30Z 2026-10-26T01:30Z")]
    // But what is to run every so often does so in both hours.
    [InlineData("*/30 * * * *", "Europe/Berlin", "2026-10-24T23:40Z", "2026-10-25T00:00Z 2026-10-25T00:30Z 2026-10-25T01:00Z 2026-10-25T01:30Z 2026-10-25T02:00Z")]
    [InlineData("15 * * * *", "Europe/Berlin", "2026-10-24T23:40Z", "2026-10-25T00:15Z 2026-10-25T01:15Z 2026-10-25T02:15Z")]
    // Half an hour on Lord Howe.
    [InlineData("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00Z", "2026-10-03T15:30Z 2026-10-04T15:15Z")]
    // Both days given: either will do, as crontab(5) has it.
    [InlineData("0 0 13 * 5", "Etc/UTC", "2026-01-01T00:00Z", "2026-01-02T00:00Z 2026-01-09T00:00Z 2026-01-13T00:00Z 2026-01-16T00:00Z")]
    [InlineData("0 0 * * 7", "Etc/UTC", "2026-01-01T00:00Z", "2026-01-04T00:00Z 2026-01-11T00:00Z")]
    [InlineData("0 0 29 2 *", "Etc/UTC", "2026-01-01T00:00Z", "2028-02-29T00:00Z")]
    public void After_GivesTheTimesThatTheRulesState(string cron, string zone, string from, string expected)
    {
        var wanted = expected.Split(' ').Select(DateTimeOffset.Parse).ToList();

        Assert.Equal(wanted, CronTimes.After(new ScheduleSpec { Cron = cron, TimeZone = zone }, DateTimeOffset.Parse(from)).Take(wanted.Count));
    }

    [Fact]
    public void After_FrozenDaysAndClosedHours_AreLeftOutByTheClockOfTheZone()
    {
        var schedule = new ScheduleSpec
        {
            Cron = "0 * * * *", TimeZone = "Europe/Berlin", Windows = [WeekWindow.Parse("mon-fri 09:00-11:00")!], Freezes = [DateSpan.Parse("2026-12-24..2026-12-27")!],
        };

        Assert.Equal(
            ["2026-12-23T08:00", "2026-12-23T09:00", "2026-12-28T08:00"],
            CronTimes.After(schedule, new DateTimeOffset(2026, 12, 23, 0, 0, 0, TimeSpan.Zero)).Take(3).Select(t => t.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm")));
    }

    [Fact]
    public void After_WindowThatNeverOpens_Ends() =>
        Assert.Empty(CronTimes.After(new ScheduleSpec { Cron = "0 3 * * *", Windows = [WeekWindow.Parse("04:00-05:00")!] }, DateTimeOffset.UnixEpoch.AddYears(56)));

    [Fact]
    public void Jitter_IsTheSameForOneFiringAndSpreadOverMany()
    {
        var most = TimeSpan.FromMinutes(10);
        var jitters = Enumerable.Range(0, 1000).Select(i => FiringIds.Jitter($"s{i}@20261121T030000Z", most)).ToList();

        Assert.Equal(jitters[7], FiringIds.Jitter("s7@20261121T030000Z", most));
        Assert.All(jitters, j => Assert.InRange(j, TimeSpan.Zero, most));
        Assert.InRange(jitters.Average(j => j.TotalSeconds), 250, 350);
        Assert.Equal(TimeSpan.Zero, FiringIds.Jitter("s7@20261121T030000Z", TimeSpan.Zero));
    }
}
