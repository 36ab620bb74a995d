using ChaosDrill.Engine.Drills;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Model.Timelines;
using Xunit;

namespace ChaosDrill.Engine.Tests.Drills;

public sealed class LiveConditionsTests
{
    private static readonly WorkloadReference Web = new("deployment", "web");
    private static readonly WorkloadReference Probe = new("probe", "web");
    private readonly LiveConditions _live = new();

    [Fact]
    public void HoldsSince_NothingSeen_IsUnknown()
    {
        Assert.Null(_live.HoldsSince(Web));
        Assert.Null(_live.FailsSince(Web));
    }

    [Fact]
    public void HoldsSince_ChangesThatKeepHolding_StaysAtTheBeginning()
    {
        Apply(1, new WorkloadObserved(Web, 3, 3, 3));
        Apply(2, new WorkloadObserved(Web, 3, 4, 4));

        Assert.Equal(TimeSpan.FromSeconds(1), _live.HoldsSince(Web));
    }

    [Fact]
    public void HoldsSince_WatchCut_IsUnknownUntilItResumes()
    {
        Apply(1, new WorkloadObserved(Web, 3, 3, 3));
        Apply(2, new ObservationInterrupted("deployment/web", TimeSpan.FromSeconds(2), "cut"));
        Assert.Null(_live.HoldsSince(Web));

        Apply(5, new ObservationGap("deployment/web", TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(5), false, "cut"));
        Assert.Equal(TimeSpan.FromSeconds(1), _live.HoldsSince(Web));
    }

    [Fact]
    public void HoldsSince_ListedAnew_CountsFromThere()
    {
        Apply(1, new WorkloadObserved(Web, 3, 3, 3));
        Apply(5, new ObservationGap("deployment/web", TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(5), true, "410"));

        Assert.Equal(TimeSpan.FromSeconds(5), _live.HoldsSince(Web));
    }

    [Fact]
    public void HoldsSince_LateSuccess_DoesNotUndoALaterFailure()
    {
        Apply(2.1, Sample(2.0, false));
        Apply(2.5, Sample(1.9, true));

        Assert.Null(_live.HoldsSince(Probe));
        Assert.Equal(TimeSpan.FromSeconds(2), _live.FailsSince(Probe));
    }

    [Fact]
    public void HoldsSince_UnknownSample_ChangesNothing()
    {
        Apply(1, Sample(1, true));
        Apply(2, new ProbeSampled("web", 2, default, TimeSpan.FromSeconds(2), SampleOutcome.Unknown));

        Assert.Equal(TimeSpan.FromSeconds(1), _live.HoldsSince(Probe));
    }

    private static ProbeSampled Sample(double sent, bool good) =>
        new("web", 1, TimeSpan.FromSeconds(sent), TimeSpan.FromSeconds(sent), good ? SampleOutcome.Success : SampleOutcome.Failure);

    private void Apply(double at, TimelineEvent happened) => _live.Apply(new TimelineEntry(1, TimeSpan.FromSeconds(at), happened));
}
