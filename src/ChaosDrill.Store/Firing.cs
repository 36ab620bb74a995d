namespace ChaosDrill.Store;

/// <summary>What has become of a firing.</summary>
public enum FiringState
{
    /// <summary>A worker has taken it and no drill has begun: nothing was touched.</summary>
    Claimed,

    /// <summary>Its drill has begun.</summary>
    Begun,

    /// <summary>Its drill is over.</summary>
    Ended,

    /// <summary>No drill was started, on purpose.</summary>
    Skipped,

    /// <summary>No drill could be started.</summary>
    Failed,
}

/// <summary>One time at which a worker was to start a drill. It has at most one drill, whatever dies when.</summary>
public sealed record Firing
{
    /// <summary>The set of workers that name none.</summary>
    public const string UsualSet = "chaosdrill";

    /// <summary>Says which it is: scenario and time. Two workers that mean the same firing give it the same id.</summary>
    public required string Id { get; init; }

    /// <summary>Name of the scenario.</summary>
    public required string Scenario { get; init; }

    /// <summary>The set of workers that it is for; another one neither runs it nor takes it over.</summary>
    public string WorkerSet { get; init; } = UsualSet;

    /// <summary>Who asked: <c>schedule</c>, or a person.</summary>
    public required string AskedBy { get; init; }

    /// <summary>When it was due by the schedule, or was asked for.</summary>
    public required DateTimeOffset ScheduledAt { get; init; }

    /// <summary>When the drill is to start: the above and the jitter.</summary>
    public required DateTimeOffset DueAt { get; init; }

    /// <summary>The cluster that the drill acts on; null when it has one of its own, a twin.</summary>
    public required string? Cluster { get; init; }

    /// <summary>The namespace that the drill acts on.</summary>
    public required string Namespace { get; init; }

    /// <summary>Whether no other drill may run anywhere in the cluster, and not only in the namespace.</summary>
    public required bool WholeCluster { get; init; }

    /// <summary>What has become of it.</summary>
    public FiringState State { get; init; }

    /// <summary>The worker that has it; null when none has.</summary>
    public string? Owner { get; init; }

    /// <summary>Rises with every claim: what was begun under an older one is over, whoever goes on with it.</summary>
    public long Fence { get; init; }

    /// <summary>Its drill, from <see cref="FiringState.Begun"/> on.</summary>
    public string? Drill { get; init; }

    /// <summary>Why it was skipped or failed, or how its drill ended.</summary>
    public string? Reason { get; init; }
}

/// <summary>A schedule that somebody has stopped for a while.</summary>
/// <param name="Scenario">Name of the scenario; <c>*</c> stands for all.</param>
/// <param name="By">Who did.</param>
/// <param name="Reason">Why; may be empty.</param>
/// <param name="Since">Since when.</param>
public sealed record Pause(string Scenario, string By, string Reason, DateTimeOffset Since);
