using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Measures;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Model.Timelines;
using ChaosDrill.Reports.Postmortems;

namespace ChaosDrill.Reports.Wording;

/// <summary>Words for the model's values, the same in every document.</summary>
internal static class Words
{
    public static string Of(DrillStage stage) => stage switch
    {
        DrillStage.Preflight => "checks that touch nothing",
        DrillStage.SteadyStateBefore => "steady state before",
        DrillStage.Steps => "steps",
        DrillStage.Undo => "undo",
        DrillStage.SteadyStateAfter => "steady state after",
        DrillStage.Ended => "end",
        _ => stage.ToString(),
    };

    public static string Of(StepOutcome outcome) => outcome switch
    {
        StepOutcome.Done => "done",
        StepOutcome.NotProved => "effect not proved",
        StepOutcome.Disproved => "seen to fail",
        StepOutcome.TimedOut => "timed out",
        StepOutcome.Failed => "could not be carried out",
        StepOutcome.Aborted => "stopped",
        _ => outcome.ToString(),
    };

    /// <summary>What tells a value from the others of its measure: <c>#2</c>, <c>team-7</c>, <c>team-7 #2</c>; empty for a value of the whole drill.</summary>
    public static string LabelOf(MeasuredValue value, int repeat) => value switch
    {
        { Subject: null, Iteration: 0 } => "",
        { Subject: null } => $"#{value.Iteration}",
        _ => Plain.Line(value.Subject) + (repeat > 1 ? $" #{value.Iteration}" : ""),
    };

    public static EventKind KindOf(StepOutcome outcome) => outcome switch
    {
        StepOutcome.Done => EventKind.Good,
        StepOutcome.NotProved => EventKind.Unknown,
        _ => EventKind.Bad,
    };

    public static string Of(PodMilestone milestone) => milestone switch
    {
        PodMilestone.Created => "created",
        PodMilestone.Scheduled => "scheduled",
        PodMilestone.Started => "started",
        PodMilestone.Ready => "ready",
        PodMilestone.NotReady => "no longer ready",
        PodMilestone.Terminating => "being deleted",
        PodMilestone.Gone => "gone",
        PodMilestone.InEndpoints => "in endpoints",
        PodMilestone.OutOfEndpoints => "out of endpoints",
        _ => milestone.ToString(),
    };

    public static string Of(AlertState state) => state switch
    {
        AlertState.Firing => "fires",
        AlertState.Pending => "is pending",
        _ => "is over",
    };

    public static EventKind KindOf(PodMilestone milestone) => milestone switch
    {
        PodMilestone.Ready or PodMilestone.InEndpoints => EventKind.Good,
        PodMilestone.NotReady or PodMilestone.Terminating or PodMilestone.Gone or PodMilestone.OutOfEndpoints => EventKind.Bad,
        _ => EventKind.Plain,
    };

    public static string Of(Target target) => Plain.Line(target.Detail is null ? target.ToString() : $"{target} ({target.Detail})");

    public static string Of(Verdict verdict) => verdict.ToString().ToLowerInvariant();

    public static string Held(bool? held) => held switch { true => "held", false => "did not hold", null => "is not known" };

    /// <summary>Colour of a truth value: <c>pass</c>, <c>fail</c> or <c>inconclusive</c>.</summary>
    public static string ClassOf(bool? held) => held switch { true => "pass", false => "fail", null => "inconclusive" };

    public static string Metric(ObjectiveGoal goal) => goal switch
    {
        RecoveryTimeGoal => "Recovery time",
        AvailabilityGoal => "Availability",
        LongestOutageGoal => "Longest outage",
        LatencyGoal => "Latency",
        RestoreTimeGoal => "Restore time",
        DataLossGoal => "Data loss",
        RestoreFidelityGoal => "Restore fidelity",
        BackupAgeGoal => "Backup age",
        PromqlGoal => "Query",
        TimeToDetectGoal => "Time to detect",
        SloGoal => "Error budget spent",
        WriteOutageGoal => "Write outage",
        _ => goal.Metric,
    };

    /// <summary>The limit as a number in the measure's unit; null for a goal that this version does not know.</summary>
    public static double? LimitOf(ObjectiveGoal goal) => GoalLimit.Of(goal)?.Number;

    /// <summary>The ways a drill comes to its end, as they follow "the drill".</summary>
    public static string Of(DrillEnding ending) => ending switch
    {
        DrillEnding.Completed => "went through every stage",
        DrillEnding.Refused => "was refused before anything was touched",
        DrillEnding.Aborted => "was stopped on the way",
        DrillEnding.Broken => "could not go on",
        _ => ending.ToString(),
    };

    public static string Of(RefusalKind kind) => kind switch
    {
        RefusalKind.Guard => "a guard forbids it",
        RefusalKind.Access => "a right is missing",
        RefusalKind.Missing => "something is not there",
        RefusalKind.NoTargets => "nothing to hit",
        RefusalKind.Locked => "another drill holds the cluster",
        RefusalKind.PlanChanged => "the cluster no longer matches the plan",
        _ => kind.ToString(),
    };
}
