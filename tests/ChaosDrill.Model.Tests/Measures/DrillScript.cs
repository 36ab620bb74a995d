using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Model.Tests.Measures;

/// <summary>Writes the record of a drill by hand, in seconds, so that the answer is known.</summary>
internal sealed class DrillScript
{
    public static readonly WorkloadReference Storefront = new("deployment", "storefront");
    private readonly List<TimelineEntry> _entries = [];
    private readonly List<ObjectiveGoal> _goals = [];

    public double StableFor { get; init; } = 10;

    public double ProbeEvery { get; init; } = 0.1;

    public bool HasSteadyState { get; init; }

    public IReadOnlyList<WorkloadReference> Of { get; init; } = [Storefront];

    public DrillScript Goal(ObjectiveGoal goal)
    {
        _goals.Add(goal);
        return this;
    }

    public DrillScript RecoveryWithin(double seconds) => Goal(new RecoveryTimeGoal { Of = Of[0], AtMost = S(seconds) });

    public DrillScript At(double seconds, TimelineEvent happened)
    {
        _entries.Add(new TimelineEntry(_entries.Count + 1, S(seconds), happened));
        return this;
    }

    public DrillScript Ready(double seconds, int ready, int desired = 3) => At(seconds, new WorkloadObserved(Storefront, desired, ready, ready));

    public DrillScript Pod(double seconds, string uid, PodMilestone milestone) => At(seconds, new PodObserved(Storefront, "pod-" + uid, uid, milestone));

    public DrillScript Delay(double seconds, double delay) => At(seconds, new WatchDelayMeasured(S(delay)));

    public DrillScript Requested(double seconds, string uid = "v1", int iteration = 1) => At(seconds, new FaultRequested(0, iteration, Victim(uid)));

    public DrillScript Effect(double seconds, string uid = "v1", int iteration = 1) =>
        At(seconds, new FaultTookEffect(0, iteration, Victim(uid), "uid is gone"));

    public DrillScript Awaited(double seconds, int iteration = 1, StepOutcome outcome = StepOutcome.Done) =>
        At(seconds, new StepEnded(1, iteration, outcome, null));

    public DrillScript Gap(double from, double to, bool lost, string what = "deployment/storefront") =>
        At(to, new ObservationGap(what, S(from), S(to), lost, "cut by the test"));

    public DrillScript Sample(long slot, bool good, double latency = 0.005, string probe = "web") =>
        At((slot * ProbeEvery) + latency, new ProbeSampled(
            probe, slot, S(slot * ProbeEvery), S(slot * ProbeEvery), good ? SampleOutcome.Success : SampleOutcome.Failure));

    public DrillScript Samples(long from, long count, bool good, double latency = 0.005)
    {
        for (var slot = from; slot < from + count; slot++)
        {
            Sample(slot, good, latency);
        }

        return this;
    }

    public DrillRecord Record(DrillEnding ending = DrillEnding.Completed) => new(Header(), _entries, new DrillEnd(ending, S(1000), null, true));

    public DrillRecord Unfinished() => new(Header(), _entries, null);

    public Judgement Judged() => Judge.Of(Record());

    public static TimeSpan S(double seconds) => TimeSpan.FromTicks((long)Math.Round(seconds * TimeSpan.TicksPerSecond));

    private static Target Victim(string uid) => new("Pod", "shop", "pod-" + uid, uid);

    private DrillHeader Header() => new()
    {
        Id = "test",
        Scenario = "test",
        Source = new ScenarioSource("test.yaml", "", ""),
        StartedAt = DateTimeOffset.UnixEpoch,
        ToolVersion = "test",
        Plan = new Plan
        {
            Scenario = "test", ScenarioDigest = "", Cluster = new ClusterIdentity("twin", "", "v1.36.0", true), Namespace = "shop",
            Seed = 1, Repeat = 1, Access = [], Refusals = [],
            Steps = [new PlannedStep { Index = 0, Name = "Kill", Kind = "podKill", Summary = "kill" }],
        },
        Probes = [new ProbeTimetable("web", "web", S(ProbeEvery), S(1))],
        Awaits = [new RecoveryAwait(1, Of, S(StableFor), S(180))],
        Objectives = _goals,
        SteadyState = HasSteadyState ? [Storefront] : [],
    };
}
