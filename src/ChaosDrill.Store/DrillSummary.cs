using ChaosDrill.Model.Drills;

namespace ChaosDrill.Store;

/// <summary>One line of the history.</summary>
public sealed record DrillSummary
{
    /// <summary>Id of the drill.</summary>
    public required string Id { get; init; }

    /// <summary>Name of its scenario.</summary>
    public required string Scenario { get; init; }

    /// <summary>Name of the cluster.</summary>
    public required string Cluster { get; init; }

    /// <summary>Wall-clock start, to the millisecond.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>From the start to the last word, or to the last entry while there is none; null when nothing was recorded.</summary>
    public required TimeSpan? Duration { get; init; }

    /// <summary>Whether it is over.</summary>
    public required DrillState State { get; init; }

    /// <summary>The one word; a crashed drill is inconclusive; null while nothing can be said.</summary>
    public required DrillOutcome? Outcome { get; init; }

    /// <summary>Why, in one sentence.</summary>
    public required string? Reason { get; init; }

    /// <summary>Whether every recorded way back is gone and the last word, if any, says so too.</summary>
    public required bool UndoComplete { get; init; }
}
