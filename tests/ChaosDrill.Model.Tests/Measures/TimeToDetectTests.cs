using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Measures;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Model.Timelines;
using Xunit;

namespace ChaosDrill.Model.Tests.Measures;

public sealed class TimeToDetectTests
{
    private static readonly Target Pod = new("Pod", "shop", "storefront-1", "uid-1");
    private static readonly TimeToDetectGoal Goal = new() { Alert = "ShopDown", AtMost = TimeSpan.FromMinutes(1) };
    private readonly List<TimelineEntry> _timeline = [];

    [Fact]
    public void Fires_BetweenTwoLooks_IsBoundByThem()
    {
        Look(9).Fault(10).Look(10.5).Look(11.5).Alert(12.6, AlertState.Firing).Look(12.5, answered: 12.6);

        AssertValue(2.6, 1.5, 2.6);
    }

    [Fact]
    public void Fires_AfterLooksThatFailed_MayHaveFiredAllThatTime()
    {
        Look(9).Fault(10).Look(10.5).Look(11.5, seen: false).Look(12.5, seen: false).Alert(13.6, AlertState.Firing).Look(13.5, answered: 13.6);

        AssertValue(3.6, 0.5, 3.6);
    }

    [Fact]
    public void Fires_AtTheFirstLookAfterTheFault_MayHaveFiredAtOnce()
    {
        Look(9).Fault(10).Alert(10.6, AlertState.Firing).Look(10.5, answered: 10.6);

        AssertValue(0.6, 0, 0.6);
    }

    [Fact]
    public void NeverFires_IsAtLeastAsLongAsItWasWatched()
    {
        Look(9).Fault(10).Look(11).Look(12).Look(75).Alert(80, AlertState.Pending);

        AssertValue(65, 65, null);
        Assert.True(GoalLimit.Of(Goal)!.IsMissedBy(Assert.Single(TimeToDetect.Of(_timeline, Goal))));
    }

    [Fact]
    public void NeverFires_BehindALookThatFailed_CountsNoLonger()
    {
        Look(9).Fault(10).Look(11).Look(12, seen: false).Look(13).Look(75);

        AssertValue(1, 1, null);
    }

    [Theory]
    [InlineData(AlertState.Firing, "firing already")]
    [InlineData(AlertState.Pending, "pending already")]
    public void Fires_BeforeTheFault_SaysNothing(AlertState before, string why)
    {
        Alert(8, before).Look(9).Fault(10).Look(11).Alert(12, AlertState.Firing).Look(12);

        AssertUnknown(why);
    }

    [Fact]
    public void Fires_AfterAnEarlierOneIsOver_Counts()
    {
        Alert(1, AlertState.Firing).Look(2).Alert(3, AlertState.Inactive).Look(9).Fault(10).Look(11).Alert(12, AlertState.Firing).Look(12);

        AssertValue(2, 1, 2);
    }

    [Fact]
    public void NoLook_BeforeOrAfterTheFault_SaysNothing()
    {
        Fault(10).Look(11);
        AssertUnknown("before the fault took effect");

        _timeline.Clear();
        Look(9).Fault(10).Look(11, seen: false);
        AssertUnknown("after the fault took effect");
    }

    [Fact]
    public void Fault_WithoutEffect_SaysNothing()
    {
        Look(9).Add(10, new FaultRequested(0, 1, Pod)).Look(11);

        AssertUnknown("never seen");
    }

    [Fact]
    public void Labels_TellAlertsOfOneNameApart()
    {
        Look(9).Fault(10).Alert(11, AlertState.Firing, "ticket").Look(11).Alert(13, AlertState.Firing, "page").Look(13);

        var page = Goal with { Labels = new Dictionary<string, string> { ["severity"] = "page" } };
        Assert.Equal(3, Assert.Single(TimeToDetect.Of(_timeline, page)).Value);
        AssertValue(1, 0, 1);
    }

    [Fact]
    public void Repetitions_EachHaveAValue()
    {
        Look(9).Fault(10).Look(11).Alert(12, AlertState.Firing).Look(12).Alert(20, AlertState.Inactive).Look(20);
        Fault(30, iteration: 2).Look(31).Look(40);

        Assert.Equal([(1, 2.0, (double?)2.0), (2, 10.0, null)], TimeToDetect.Of(_timeline, Goal).Select(v => (v.Iteration, v.Value!.Value, v.High)));
    }

    private TimeToDetectTests Add(double at, TimelineEvent happened)
    {
        _timeline.Add(new TimelineEntry(_timeline.Count + 1, TimeSpan.FromSeconds(at), happened));
        return this;
    }

    private TimeToDetectTests Fault(double at, int iteration = 1) =>
        Add(at - 0.2, new StepStarted(0, iteration)).Add(at - 0.1, new FaultRequested(0, iteration, Pod)).Add(at, new FaultTookEffect(0, iteration, Pod, "gone"));

    private TimeToDetectTests Look(double sent, double? answered = null, bool seen = true) => Add(
        answered ?? sent, new ProbeSampled(ProbeTimetable.Alerts, _timeline.Count, TimeSpan.FromSeconds(sent), TimeSpan.FromSeconds(sent), seen ? SampleOutcome.Success : SampleOutcome.Unknown));

    private TimeToDetectTests Alert(double at, AlertState state, string severity = "page") =>
        Add(at, new AlertSeen("ShopDown", new Dictionary<string, string> { ["severity"] = severity, ["team"] = "shop" }, state));

    private void AssertValue(double value, double low, double? high)
    {
        var measured = Assert.Single(TimeToDetect.Of(_timeline, Goal));
        Assert.Equal((value, low, high), (Math.Round(measured.Value!.Value, 6), Math.Round(measured.Low!.Value, 6), measured.High is { } h ? Math.Round(h, 6) : null));
    }

    private void AssertUnknown(string why)
    {
        var measured = Assert.Single(TimeToDetect.Of(_timeline, Goal));
        Assert.Null(measured.Value);
        Assert.Contains(why, measured.Remark, StringComparison.Ordinal);
    }
}
