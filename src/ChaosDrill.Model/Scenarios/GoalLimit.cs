namespace ChaosDrill.Model.Scenarios;

/// <summary>What an objective asks of a measured number.</summary>
public static class GoalLimit
{
    /// <summary>The limit in the measure's unit; null for a goal that this version does not know.</summary>
    public static Comparison? Of(ObjectiveGoal goal) => goal switch
    {
        RecoveryTimeGoal g => AtMost(g.AtMost),
        AvailabilityGoal g => AtLeast(g.AtLeast),
        LongestOutageGoal g => AtMost(g.AtMost),
        LatencyGoal g => AtMost(g.AtMost),
        RestoreTimeGoal g => AtMost(g.AtMost),
        RestoreFidelityGoal g => AtLeast(g.AtLeast),
        BackupAgeGoal g => AtMost(g.AtMost),
        DataLossGoal { AtMostEntries: { } entries } => new Comparison("<=", entries),
        DataLossGoal { AtMost: { } most } => AtMost(most),
        WriteOutageGoal g => AtMost(g.AtMost),
        PromqlGoal g => g.Is,
        TimeToDetectGoal g => AtMost(g.AtMost),
        SloGoal g => new Comparison("<=", g.AtMost.Value),
        _ => null,
    };

    private static Comparison AtMost(TimeSpan most) => new("<=", most.TotalSeconds);

    private static Comparison AtLeast(Ratio least) => new(">=", least.Value);
}
