using ChaosDrill.Model.Scenarios;
using Xunit;

namespace ChaosDrill.Model.Tests.Scenarios;

public sealed class CalendarTests
{
    [Theory]
    [InlineData("")]
    [InlineData("2026-2-3")]
    [InlineData("2026-02-30")]
    [InlineData("2026-12-24..")]
    [InlineData("2026-12-24..2026-12-23")]
    [InlineData("2026-12-24..2026-12-25..2026-12-26")]
    public void DateSpan_NoNotation_IsNull(string text) => Assert.Null(DateSpan.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("mon-fri")]
    [InlineData("Mon 09:00-17:00")]
    [InlineData("mon-fri 9:00-17:00")]
    [InlineData("mon-fri 09:00-09:00")]
    [InlineData("mon-fri 24:00-09:00")]
    [InlineData("mon-fri 09:00-24:01")]
    [InlineData("mon-tue-wed 09:00-10:00")]
    [InlineData("mon,,tue 09:00-10:00")]
    [InlineData("mon 09:60-10:00")]
    [InlineData("09:00")]
    [InlineData("mon tue 09:00-10:00")]
    public void WeekWindow_NoNotation_IsNull(string text) => Assert.Null(WeekWindow.Parse(text));

    [Theory]
    [InlineData("2026-12-23", false)]
    [InlineData("2026-12-24", true)]
    [InlineData("2027-01-06", true)]
    [InlineData("2027-01-07", false)]
    public void DateSpan_HoldsBothEnds(string day, bool holds) =>
        Assert.Equal(holds, DateSpan.Parse("2026-12-24..2027-01-06")!.Holds(DateOnly.Parse(day)));

    [Theory]
    [InlineData("mon-fri 09:00-17:00", "2026-11-20T09:00", true)] // a Friday
    [InlineData("mon-fri 09:00-17:00", "2026-11-20T16:59", true)]
    [InlineData("mon-fri 09:00-17:00", "2026-11-20T17:00", false)]
    [InlineData("mon-fri 09:00-17:00", "2026-11-21T10:00", false)]
    [InlineData("sat-mon 00:00-24:00", "2026-11-22T23:59", true)]
    [InlineData("sat-mon 00:00-24:00", "2026-11-24T00:00", false)]
    [InlineData("fri 22:00-06:00", "2026-11-21T05:59", true)]
    [InlineData("fri 22:00-06:00", "2026-11-21T06:00", false)]
    [InlineData("fri 22:00-06:00", "2026-11-20T05:00", false)]
    [InlineData("sat,sun 10:00-12:00", "2026-11-22T11:00", true)]
    [InlineData("23:00-02:00", "2026-11-22T01:59", true)]
    [InlineData("23:00-02:00", "2026-11-22T02:00", false)]
    public void WeekWindow_HoldsUpToItsEnd(string window, string wall, bool holds) =>
        Assert.Equal(holds, WeekWindow.Parse(window)!.Holds(DateTime.Parse(wall)));

    [Fact]
    public void Schedule_FrozenOrOutside_SaysWhich()
    {
        var schedule = new ScheduleSpec { Cron = "* * * * *", Freezes = [DateSpan.Parse("2026-12-24")!], Windows = [WeekWindow.Parse("mon-fri 09:00-17:00")!] };

        Assert.Equal("2026-12-24 is frozen", schedule.Closed(new DateTime(2026, 12, 24, 10, 0, 0)));
        Assert.Equal("it is outside of mon-fri 09:00-17:00", schedule.Closed(new DateTime(2026, 12, 23, 8, 0, 0)));
        Assert.Null(schedule.Closed(new DateTime(2026, 12, 23, 10, 0, 0)));
    }
}
