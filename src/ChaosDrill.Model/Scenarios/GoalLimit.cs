namespace ChaosDrill.Model.Scenarios;

/// <summary>The limit of an objective as a number, and which side of it is worse.</summary>
public static class GoalLimit
{
    /// <summary>The limit in the measure's unit; null for a goal that this version does not know.</summary>
    public static double? Of(ObjectiveGoal goal) => goal switch
    {
        RecoveryTimeGoal g => g.AtMost.TotalSeconds,
        AvailabilityGoal g => g.AtLeast.Value,
        LongestOutageGoal g => g.AtMost.TotalSeconds,
        LatencyGoal g => g.AtMost.TotalSeconds,
        RestoreTimeGoal g => g.AtMost.TotalSeconds,
        RestoreFidelityGoal g => g.AtLeast.Value,
        BackupAgeGoal g => g.AtMost.TotalSeconds,
        WriteOutageGoal g => g.AtMost.TotalSeconds,
        DataLossGoal { AtMostEntries: { } entries } => entries,
        DataLossGoal { AtMost: { } most } => most.TotalSeconds,
        _ => null,
    };

    /// <summary>Whether a larger value is the better one.</summary>
    public static bool MoreIsBetter(string metric) => metric == "availability";
}
