using ChaosDrill.Engine.Ports;
using ChaosDrill.Model.Drills;

namespace ChaosDrill.Store;

/// <summary>Whether a drill is over.</summary>
public enum DrillState
{
    /// <summary>Its last word is written.</summary>
    Ended,

    /// <summary>Its process lives.</summary>
    Running,

    /// <summary>Its process died before it wrote a last word.</summary>
    Crashed,

    /// <summary>It has no last word, and its process ran where this one cannot look: on another host.</summary>
    Unknown,
}

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

/// <summary>Which drills a history shows. What is null does not choose.</summary>
public sealed record HistoryFilter
{
    /// <summary>Name of the scenario.</summary>
    public string? Scenario { get; init; }

    /// <summary>The one word it ended in.</summary>
    public DrillOutcome? Outcome { get; init; }

    /// <summary>Not started before this.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>At most this many, the newest.</summary>
    public int Limit { get; init; } = 50;
}

/// <summary>A recorded way back that nobody has gone yet.</summary>
/// <param name="Undo">The way back.</param>
/// <param name="Drill">Whether its drill is over: one that runs will go the way itself.</param>
public sealed record OutstandingUndo(UndoRecord Undo, DrillState Drill);

/// <summary>An id that names no drill, or several.</summary>
/// <param name="message">What was asked for and what is near.</param>
/// <param name="near">Ids that may have been meant, the newest first.</param>
public sealed class DrillLookupException(string message, IReadOnlyList<string> near) : Exception(message)
{
    /// <summary>Ids that may have been meant, the newest first.</summary>
    public IReadOnlyList<string> Near => near;
}
