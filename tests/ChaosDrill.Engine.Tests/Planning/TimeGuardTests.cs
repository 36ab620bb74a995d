using System.Globalization;
using ChaosDrill.Engine.Planning;
using ChaosDrill.Model.Scenarios;
using Xunit;

namespace ChaosDrill.Engine.Tests.Planning;

/// <summary>Windows and freezes are read on the wall clock of their zone, whatever daylight saving does to it.</summary>
public sealed class TimeGuardTests
{
    [Theory]
    [InlineData("2026-11-20T07:59:59Z", false)] // Friday 08:59 in Berlin
    [InlineData("2026-11-20T08:00:00Z", true)]
    [InlineData("2026-11-20T15:59:59Z", true)]
    [InlineData("2026-11-20T16:00:00Z", false)]
    [InlineData("2026-11-21T10:00:00Z", false)] // Saturday
    [InlineData("2026-07-03T07:00:00Z", true)] // summer: two hours ahead
    [InlineData("2026-07-03T06:59:59Z", false)]
    public void Window_InItsZone_IsOpenFromItsBeginningToBeforeItsEnd(string now, bool open) =>
        Assert.Equal(open, Check(Weekdays("09:00", "17:00"), now).Holds);

    [Theory]
    [InlineData("2026-11-20T22:30:00Z", true)] // Friday 23:30
    [InlineData("2026-11-21T01:30:00Z", true)] // Saturday 02:30 belongs to Friday's window
    [InlineData("2026-11-21T22:30:00Z", false)] // Saturday 23:30
    [InlineData("2026-11-23T01:30:00Z", false)] // Monday 02:30 belongs to Sunday's, which there is none of
    public void Window_AcrossMidnight_BelongsToTheDayOnWhichItBegins(string now, bool open) =>
        Assert.Equal(open, Check(Weekdays("22:00", "03:00"), now).Holds);

    [Theory]
    [InlineData("2026-03-29T00:59:59Z", false)] // 01:59:59, one second before the clocks go from 02:00 to 03:00
    [InlineData("2026-03-29T01:00:00Z", false)] // 03:00:00
    [InlineData("2026-10-25T00:30:00Z", true)] // 02:30 the first time
    [InlineData("2026-10-25T01:30:00Z", true)] // 02:30 the second time
    [InlineData("2026-10-25T02:00:00Z", false)] // 03:00
    public void Window_WhereTheClocksChange_IsPassedOverInSpringAndOpenTwiceInAutumn(string now, bool open) =>
        Assert.Equal(open, Check(new GuardsSpec { TimeZone = "Europe/Berlin", Windows = [WeekWindow.Parse("02:00-03:00")!] }, now).Holds);

    [Theory]
    [InlineData("2026-12-17T22:59:59Z", true)]
    [InlineData("2026-12-17T23:00:00Z", false)] // 18 December begins in Berlin
    [InlineData("2027-01-04T22:59:59Z", false)]
    [InlineData("2027-01-04T23:00:00Z", true)]
    public void Freeze_FromItsFirstDayToItsLast_IsInTheZonesDates(string now, bool open) => Assert.Equal(open, Check(Christmas, now).Holds);

    [Fact]
    public void Refusal_InAFreeze_SaysWhenItIsOver()
    {
        var check = Check(Christmas with { Windows = Weekdays("09:00", "17:00").Windows }, "2026-12-24T12:00:00Z");

        Assert.Equal("freezes", check.Guard);
        Assert.Equal("it is Thu 2026-12-24 13:00 in Europe/Berlin; guards.freezes forbids 2026-12-18..2027-01-04", check.Message);
        Assert.Equal("start it later: it may begin on Tue 2027-01-05 09:00", check.Mend);
    }

    [Fact]
    public void Refusal_OutsideOfTheWindow_SaysWhenTheNextOneBegins()
    {
        var check = Check(Weekdays("09:00", "17:00"), "2026-11-20T20:00:00Z");

        Assert.Equal("it is Fri 2026-11-20 21:00 in Europe/Berlin; guards.windows allows mon-fri 09:00-17:00", check.Message);
        Assert.Equal("start it later: it may begin on Mon 2026-11-23 09:00", check.Mend);
    }

    [Fact]
    public void Guards_WithoutTimes_SayNothing() => Assert.Null(TimeGuard.Check(new GuardsSpec(), At("2026-11-20T20:00:00Z")));

    private static GuardsSpec Christmas => new()
    {
        TimeZone = "Europe/Berlin",
        Freezes = [DateSpan.Parse("2026-12-18..2027-01-04")!],
    };

    private static GuardsSpec Weekdays(string from, string to) => new()
    {
        TimeZone = "Europe/Berlin",
        Windows = [WeekWindow.Parse($"mon-fri {from}-{to}")!],
    };

    private static Model.Plans.GuardCheck Check(GuardsSpec guards, string now) => TimeGuard.Check(guards, At(now))!;

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
