using ChaosDrill.Engine.Ports;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Measures;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Store.Tests;

internal static class Samples
{
    public static readonly DateTimeOffset Start = new(2026, 11, 21, 3, 0, 0, TimeSpan.Zero);

    public static DrillHeader Header(string id, string scenario = "pod-kill", DateTimeOffset? startedAt = null) => new()
    {
        Id = id,
        Scenario = scenario,
        Description = "One pod dies. Shoppers must not notice.",
        Labels = new Dictionary<string, string> { ["team"] = "shop" },
        Source = new ScenarioSource("pod-kill.yaml", "kind: Scenario\n", "ab12"),
        StartedAt = startedAt ?? Start,
        TimeZone = "Europe/Berlin",
        ToolVersion = "0.1.0",
        Plan = new Plan
        {
            Scenario = scenario,
            ScenarioDigest = "ab12",
            Cluster = new ClusterIdentity("twin", "https://127.0.0.1:6443", "v1.36.2", IsTwin: true),
            Namespace = "shop",
            Seed = 7,
            Repeat = 1,
            Steps = [new PlannedStep { Index = 0, Name = "Kill one pod", Kind = "podKill", Summary = "delete 1 pod", Candidates = 3 }],
            Access = [new AccessDecision(new AccessNeed("delete", "", "pods", "shop", "podKill"), Granted: true, null)],
            Refusals = [],
        },
        Probes = [new ProbeTimetable("storefront", "GET /healthz", TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1))],
        Awaits = [new RecoveryAwait(1, [new WorkloadReference("deployment", "storefront")], TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(3))],
        Objectives = [new RecoveryTimeGoal { Of = new WorkloadReference("deployment", "storefront"), AtMost = TimeSpan.FromSeconds(30) }],
        SteadyState = [new WorkloadReference("deployment", "storefront")],
    };

    public static TimelineEntry Probe(long sequence) => Entry(sequence, new ProbeSampled(
        "storefront", sequence, TimeSpan.FromMilliseconds(100 * sequence), TimeSpan.FromMilliseconds(100 * sequence), SampleOutcome.Success));

    public static TimelineEntry Entry(long sequence, TimelineEvent seen) => new(sequence, TimeSpan.FromMilliseconds(100 * sequence), seen);

    public static UndoRecord Undo(string drill, string id) =>
        new(drill, id, "nodeCordon", $"uncordon node for {id}", """{"node":"n1"}""", Start.AddHours(1));

    public static DrillEnd End(bool undoComplete = true) =>
        new(DrillEnding.Completed, TimeSpan.FromSeconds(42), null, undoComplete);

    public static Judgement Judgement(DrillOutcome outcome = DrillOutcome.Pass) => new()
    {
        Outcome = outcome,
        Reason = "1 of 1 objectives met",
        UndoComplete = true,
        Objectives =
        [
            new ObjectiveResult(
                Header("x").Objectives[0], new Measure(MeasureUnit.Seconds, [new MeasuredValue(1, 3.21, 3.19, 3.25, null)]), Verdict.Pass, "in time"),
        ],
        Recoveries = [],
    };
}
