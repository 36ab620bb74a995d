using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Model.Timelines;
using ChaosDrill.Views;

namespace ChaosDrill.Tests.Views;

public sealed class EventWordsTests
{
    private readonly EventWords _words = new(new DrillHeader
    {
        Id = "x",
        Scenario = "x",
        Source = new ScenarioSource("x.yaml", "", ""),
        StartedAt = DateTimeOffset.UnixEpoch,
        ToolVersion = "test",
        Plan = new Plan
        {
            Scenario = "x", ScenarioDigest = "", Cluster = new ClusterIdentity("twin", "", "", true), Namespace = "shop", Seed = 0, Repeat = 1, Steps = [], Access = [], Refusals = [],
        },
        Probes = [],
        Awaits = [],
        Objectives = [],
        SteadyState = [],
    });

    [Fact]
    public void Probe_IsToldWhenItChangesAndNotOtherwise()
    {
        List<string?> told =
        [
            Sample(0, SampleOutcome.Success), Sample(100, SampleOutcome.Success), Sample(200, SampleOutcome.Failure, "503"), Sample(300, SampleOutcome.Failure, "timeout"),
            Sample(400, SampleOutcome.Success), Sample(500, SampleOutcome.Unknown, "no route"), Sample(600, SampleOutcome.Success),
        ];

        Assert.Equal<List<string?>>(
            [
                "probe web succeeds (5.0 ms)", null, "probe web fails: 503", null, "probe web succeeds again after 2 failed samples in 200 ms",
                "probe web cannot ask: no route", "probe web succeeds (5.0 ms)",
            ],
            told);
    }

    [Fact]
    public void Pods_AreToldOnlyOnceAFaultWasRequested()
    {
        var pod = new PodObserved(new WorkloadReference("deployment", "web"), "web-1", "u", PodMilestone.Ready);

        Assert.Null(Tell(pod));
        Tell(new FaultRequested(0, 1, new Target("Pod", "shop", "web-1", "u")));
        Assert.Equal("pod web-1 ready", Tell(pod));
    }

    [Fact]
    public void Text_FromTheCluster_CannotSteerTheTerminal() => Assert.Equal("bad  [31mnews", Tell(new Note("bad\n\e[31mnews")));

    private string? Sample(int at, SampleOutcome outcome, string? detail = null)
    {
        var sent = TimeSpan.FromMilliseconds(at);
        return _words.Tell(new TimelineEntry(1, sent + TimeSpan.FromMilliseconds(5), new ProbeSampled("web", at / 100, sent, sent, outcome, detail)))?.Text;
    }

    private string? Tell(TimelineEvent happened) => _words.Tell(new TimelineEntry(1, TimeSpan.Zero, happened))?.Text;
}
