using ChaosDrill.Model.Measures;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Model.Drills;

/// <summary>How a drill came to its end.</summary>
public enum DrillEnding
{
    /// <summary>Every stage was gone through.</summary>
    Completed,

    /// <summary>It was refused before anything was touched.</summary>
    Refused,

    /// <summary>It was stopped on the way and undone.</summary>
    Aborted,

    /// <summary>Something in ChaosDrill or around it broke; the drill could not go on.</summary>
    Broken,
}

/// <summary>The last word of a drill.</summary>
/// <param name="Ending">How it came to its end.</param>
/// <param name="At">When, on the drill's clock.</param>
/// <param name="Reason">Why, unless it was completed.</param>
/// <param name="UndoComplete">Whether everything is put back.</param>
public sealed record DrillEnd(DrillEnding Ending, TimeSpan At, string? Reason, bool UndoComplete);

/// <summary>All that is stored of a drill. Measures and verdict follow from it alone.</summary>
/// <param name="Header">What was known before the start.</param>
/// <param name="Timeline">What was done and seen, by instant.</param>
/// <param name="End">The last word; null while the drill runs or when its process died.</param>
public sealed record DrillRecord(DrillHeader Header, IReadOnlyList<TimelineEntry> Timeline, DrillEnd? End);

/// <summary>Pass, fail, or not known. Never two of them folded into one.</summary>
public enum Verdict
{
    /// <summary>It was seen to be met.</summary>
    Pass,

    /// <summary>It was seen to be missed.</summary>
    Fail,

    /// <summary>It cannot be known.</summary>
    Inconclusive,
}

/// <summary>In one word, how a drill ended.</summary>
public enum DrillOutcome
{
    /// <summary>Every objective was met and the steady state holds again.</summary>
    Pass,

    /// <summary>An objective was missed, or the steady state does not hold again.</summary>
    Fail,

    /// <summary>It cannot be known.</summary>
    Inconclusive,

    /// <summary>Refused before anything was touched.</summary>
    Refused,

    /// <summary>Stopped on the way and undone.</summary>
    Aborted,
}

/// <summary>A judged drill.</summary>
public sealed record Judgement
{
    /// <summary>The one word.</summary>
    public required DrillOutcome Outcome { get; init; }

    /// <summary>Why, in one sentence.</summary>
    public required string Reason { get; init; }

    /// <summary>Whether everything is put back; a drill that left something behind needs a person.</summary>
    public required bool UndoComplete { get; init; }

    /// <summary>One for each objective, in the scenario's order.</summary>
    public required IReadOnlyList<ObjectiveResult> Objectives { get; init; }

    /// <summary>One for each fault that was injected, in order: when it took effect and how the workload came back.</summary>
    public required IReadOnlyList<Recovery> Recoveries { get; init; }

    /// <summary>The steady state after the steps; null when it was not judged.</summary>
    public bool? SteadyStateAfter { get; init; }

    /// <summary>The largest watch delay that was measured, an upper bound for every watched instant; null when none was.</summary>
    public TimeSpan? WatchDelay { get; init; }
}

/// <summary>One objective beside what was measured.</summary>
/// <param name="Goal">What must be met.</param>
/// <param name="Measure">What was measured.</param>
/// <param name="Verdict">What follows.</param>
/// <param name="Reason">Why, in one sentence.</param>
public sealed record ObjectiveResult(Scenarios.ObjectiveGoal Goal, Measure Measure, Verdict Verdict, string Reason);
