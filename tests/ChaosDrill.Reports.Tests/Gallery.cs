using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Measures;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Reports.Tests;

/// <summary>A drill of each sort with its judgement, written by hand.</summary>
internal static class Gallery
{
    public static IReadOnlyDictionary<string, (DrillRecord Record, Judgement Judgement)> All { get; } =
        new Dictionary<string, (DrillRecord, Judgement)>
        {
            ["pass"] = Pass(),
            ["fail"] = Fail(),
            ["inconclusive"] = Inconclusive(),
            ["aborted"] = Aborted(),
            ["refused"] = Refused(),
            ["died"] = Died(),
            ["alerted"] = Alerted(),
        };

    public static (DrillRecord Record, Judgement Judgement) Pass()
    {
        var drill = Prepared(new SampleDrill()).Kill(4.31, 1, 3.214, outage: 0.31);
        drill.Stage(17.7, DrillStage.SteadyStateAfter).SteadyState(20.8, DrillStage.SteadyStateAfter).Stage(20.81, DrillStage.Ended).Probe(0.2, 20.8);
        return (drill.Record(20.812), new Judgement
        {
            Outcome = DrillOutcome.Pass,
            Reason = "3 of 3 objectives were met and the steady state holds again",
            UndoComplete = true,
            Objectives =
            [
                Result(drill, 0, Seconds(new MeasuredValue(1, 3.214, 3.193, 3.247, null)), Verdict.Pass, "3.21 s is within 30 s"),
                Result(drill, 1, Share(new MeasuredValue(1, 0.99817, 0.99817, 0.99817, null)), Verdict.Pass, "545 of 546 samples succeeded"),
                Result(drill, 2, Seconds(new MeasuredValue(1, 0.3, 0.2, 0.4, null)), Verdict.Pass, "at most 400 ms is within 2 s"),
            ],
            Recoveries = drill.Recoveries,
            SteadyStateAfter = true,
            WatchDelay = TimeSpan.FromMilliseconds(3.4),
        });
    }

    /// <summary>One that a Prometheus watched: an alert that was expected, one that was not, one that fired before.</summary>
    public static (DrillRecord Record, Judgement Judgement) Alerted()
    {
        var (record, judgement) = Pass();
        var labels = new Dictionary<string, string> { ["severity"] = "page" };
        TimelineEntry Look(long number, double at, SampleOutcome outcome = SampleOutcome.Success) =>
            new(9000 + number, TimeSpan.FromSeconds(at), new ProbeSampled(ProbeTimetable.Alerts, number, TimeSpan.FromSeconds(at), TimeSpan.FromSeconds(at), outcome));
        TimelineEntry Alert(long number, double at, string name, AlertState state) => new(9100 + number, TimeSpan.FromSeconds(at), new AlertSeen(name, labels, state));
        return (record with
        {
            Header = record.Header with
            {
                ExpectedAlerts = ["ShopDown", "ShopSlow"],
                Probes = [.. record.Header.Probes, new ProbeTimetable(ProbeTimetable.Alerts, "which alerts are pending or firing", TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5))],
            },
            Timeline =
            [
                .. record.Timeline, Look(1, 1), Alert(1, 1, "Watchdog", AlertState.Firing), Alert(2, 5, "ShopDown", AlertState.Pending), Alert(3, 8, "ShopDown", AlertState.Firing), Look(2, 8),
                Alert(4, 9, "NodeBusy", AlertState.Firing), Look(3, 9), Alert(5, 15, "ShopDown", AlertState.Inactive), Look(4, 15), Look(5, 16, SampleOutcome.Unknown),
            ],
        }, judgement);
    }

    public static (DrillRecord Record, Judgement Judgement) Fail()
    {
        var drill = Prepared(new SampleDrill { Repeat = 3 }).Kill(4.3, 1, 7.312, outage: 1.1);
        drill.SteadyState(24.5, DrillStage.SteadyStateBefore, iteration: 2).Kill(25.0, 2, 12.87, outage: 4.4);
        drill.Add(31.0, new ObservationGap("watch pods shop", TimeSpan.FromSeconds(30.2), TimeSpan.FromSeconds(31.0), Lost: false, "connection reset, resumed"));
        drill.SteadyState(51.0, DrillStage.SteadyStateBefore, iteration: 3).Kill(51.4, 3, 6.94, outage: 0.8);
        drill.Stage(68.6, DrillStage.SteadyStateAfter).SteadyState(71.7, DrillStage.SteadyStateAfter, iteration: 3).Stage(71.72, DrillStage.Ended);
        drill.Probe(0.2, 71.7, slot => slot is > 330 and < 336
            ? new ProbeSlotMissed("storefront", slot, TimeSpan.FromSeconds(0.2 + (slot * 0.1)), "the previous samples were still under way")
            : null);
        return (drill.Record(71.72), new Judgement
        {
            Outcome = DrillOutcome.Fail,
            Reason = "longestOutage of probe/storefront was missed: 4.4 s is more than 2 s",
            UndoComplete = true,
            Objectives =
            [
                Result(
                    drill, 0, Seconds(new(1, 7.312, 7.3, 7.316, null), new(2, 12.87, 12.858, 12.874, null), new(3, 6.94, 6.928, 6.944, null)),
                    Verdict.Pass, "the slowest of 3, 12.9 s, is within 30 s"),
                Result(drill, 1, Share(new(1, 0.9832, 0.9832, 0.9832, null), new(2, 0.9521, 0.9460, 0.9583, "5 slots were missed"), new(3, 0.9895, 0.9895, 0.9895, null)), Verdict.Fail, "95.21% in repetition 2 is less than 99.5%"),
                Result(drill, 2, Seconds(new(1, 1.1, 1.0, 1.2, null), new(2, 4.4, 4.3, 4.5, null), new(3, 0.8, 0.7, 0.9, null)), Verdict.Fail, "4.40 s in repetition 2 is more than 2 s"),
            ],
            Recoveries = drill.Recoveries,
            SteadyStateAfter = true,
            WatchDelay = TimeSpan.FromMilliseconds(11.8),
        });
    }

    public static (DrillRecord Record, Judgement Judgement) Inconclusive()
    {
        var drill = Prepared(new SampleDrill()).Kill(4.31, 1, 3.0, outage: 0.2);
        drill.Add(8.9, new ObservationGap("watch pods shop", TimeSpan.FromSeconds(5.2), TimeSpan.FromSeconds(8.9), Lost: true, "410 Gone: the history was compacted"));
        drill.Stage(18.1, DrillStage.SteadyStateAfter).SteadyState(21.1, DrillStage.SteadyStateAfter, held: null, reason: "no data for 3s").Stage(21.2, DrillStage.Ended);
        drill.Probe(0.2, 21, slot => slot is > 60 and < 85
            ? new ProbeSampled("storefront", slot, TimeSpan.FromSeconds(0.2 + (slot * 0.1)), TimeSpan.FromSeconds(0.2 + (slot * 0.1)), SampleOutcome.Unknown, "dial tcp 127.0.0.1:39211: connection refused")
            : null);
        var recovery = drill.Recoveries[0] with { Time = MeasuredValue.Unknown(1, "the watch was cut from +5.2 s to +8.9 s and the history of that time is lost"), CostliestPhase = null, Marks = [.. drill.Recoveries[0].Marks.Where(m => m.Name is not ("recovered" or "stable"))] };
        return (drill.Record(21.2), new Judgement
        {
            Outcome = DrillOutcome.Inconclusive,
            Reason = "recoveryTime of deployment/storefront cannot be known: a gap in the watch could hide the answer",
            UndoComplete = true,
            Objectives =
            [
                Result(drill, 0, Seconds(MeasuredValue.Unknown(1, "a gap of 3.7 s could hide the answer")), Verdict.Inconclusive, "the watch of pods was cut while the workload came back"),
                Result(drill, 1, Share(new MeasuredValue(1, 0.9988, 0.855, 0.9995, "24 samples could not be asked")), Verdict.Inconclusive, "the bounds lie on both sides of 99.5%"),
                Result(drill, 2, Seconds(new MeasuredValue(1, 0.2, 0.1, 0.3, null)), Verdict.Pass, "at most 300 ms is within 2 s"),
            ],
            Recoveries = [recovery],
            WatchDelay = TimeSpan.FromMilliseconds(4),
        });
    }

    public static (DrillRecord Record, Judgement Judgement) Aborted()
    {
        var drill = Prepared(new SampleDrill(), h => h with
        {
            Plan = h.Plan with { Cluster = new ClusterIdentity("staging-eu", "https://10.20.0.10:6443", "v1.35.4", IsTwin: false) },
        }).Kill(4.31, 1, recovery: null, outage: 26);
        drill.Add(4.2, new UndoRecorded("u1", 0, "remove the annotation chaosdrill.dev/undo from deployment shop/storefront"));
        drill.Add(24.6, new GuardTripped("abortWhen probe storefront", "failing for 20.1 s, allowed 20s"));
        drill.Add(24.61, new StepEnded(1, 1, StepOutcome.Aborted, "the drill was stopped"));
        drill.Stage(24.62, DrillStage.Undo).Add(24.9, new UndoFinished("u1", false, "the API server answered 403 Forbidden: patch deployments"));
        drill.Stage(25.0, DrillStage.Ended).Probe(0.2, 25);
        return (drill.Record(25.02, DrillEnding.Aborted, "guard abortWhen probe storefront: failing for 20.1 s, allowed 20s", undoComplete: false), new Judgement
        {
            Outcome = DrillOutcome.Aborted,
            Reason = "the guard on probe storefront stopped the drill: it failed for 20.1 s, 20 s are allowed",
            UndoComplete = false,
            Objectives =
            [
                Result(drill, 0, Seconds(new MeasuredValue(1, 20.25, 20.25, null, "not ready when the drill was stopped")), Verdict.Inconclusive, "the drill was stopped before the limit of 30 s"),
                Result(drill, 1, Share(new MeasuredValue(1, 0.012, 0.012, 0.012, null)), Verdict.Fail, "1.2% is less than 99.5%"),
                Result(drill, 2, Seconds(new MeasuredValue(1, 20.1, 20.0, null, "still failing when the drill was stopped")), Verdict.Fail, "at least 20 s is more than 2 s"),
            ],
            Recoveries = drill.Recoveries,
            WatchDelay = TimeSpan.FromMilliseconds(38),
        });
    }

    public static (DrillRecord Record, Judgement Judgement) Refused()
    {
        var drill = new SampleDrill().Begin(h => h with
        {
            Plan = h.Plan with
            {
                Cluster = new ClusterIdentity("production-eu", "https://10.30.0.10:6443", "v1.35.4", IsTwin: false),
                Access = [.. h.Plan.Access.Select((a, i) => i == 0 ? a with { Granted = false, Reason = "no RBAC rule matches" } : a)],
                Refusals =
                [
                    new Refusal(RefusalKind.Access, "user drill-bot may not delete pods in namespace shop.", "Bind a role that grants it, or choose another context."),
                    new Refusal(RefusalKind.Guard, "1 of 2 matching pods is 50%, more than maxAffected 34%.", "Scale storefront to 3, or raise maxAffected.", new SourcePosition("scenarios/pod-kill.yaml", 12, 18)),
                ],
            },
        }).Stage(0, DrillStage.Preflight);
        return (drill.Record(0.214, DrillEnding.Refused, "a right is missing and a guard forbids it"), new Judgement
        {
            Outcome = DrillOutcome.Refused,
            Reason = "a right is missing and a guard forbids it; nothing was touched",
            UndoComplete = true,
            Objectives = [],
            Recoveries = [],
        });
    }

    public static (DrillRecord Record, Judgement Judgement) Died()
    {
        var drill = Prepared(new SampleDrill()).Kill(4.31, 1, recovery: null, outage: 3).Probe(0.2, 6.3);
        return (drill.Record(6.3, ending: null), new Judgement
        {
            Outcome = DrillOutcome.Inconclusive,
            Reason = "the process died before the drill ended",
            UndoComplete = true,
            Objectives =
            [
                .. drill.Header.Objectives.Select(g => new ObjectiveResult(
                    g, new Measure(g is AvailabilityGoal ? MeasureUnit.Share : MeasureUnit.Seconds, []), Verdict.Inconclusive, "the process died before this was known")),
            ],
            Recoveries = [drill.Recoveries[0] with { Time = MeasuredValue.Unknown(1, "the record ends before the workload came back") }],
        });
    }

    private static SampleDrill Prepared(SampleDrill drill, Func<DrillHeader, DrillHeader>? change = null) => drill.Begin(change)
        .Stage(0, DrillStage.Preflight)
        .Add(0.05, new WatchDelayMeasured(TimeSpan.FromMilliseconds(3.4)))
        .Add(0.1, new WorkloadObserved(SampleDrill.Storefront, 3, 3, 3))
        .Stage(0.21, DrillStage.SteadyStateBefore)
        .SteadyState(3.4, DrillStage.SteadyStateBefore)
        .Stage(4.25, DrillStage.Steps);

    private static ObjectiveResult Result(SampleDrill drill, int index, Measure measure, Verdict verdict, string reason) =>
        new(drill.Header.Objectives[index], measure, verdict, reason);

    private static Measure Seconds(params MeasuredValue[] values) => new(MeasureUnit.Seconds, values);

    private static Measure Share(params MeasuredValue[] values) => new(MeasureUnit.Share, values);
}
