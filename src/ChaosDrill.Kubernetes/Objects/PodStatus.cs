namespace ChaosDrill.Kubernetes;

/// <summary>What was observed of a pod.</summary>
public sealed record PodStatus
{
    /// <summary>A coarse summary; no judge of readiness.</summary>
    public string? Phase { get; init; }

    /// <summary>Why it is in this phase.</summary>
    public string? Reason { get; init; }

    /// <summary>Why, for people.</summary>
    public string? Message { get; init; }

    /// <summary>Its address; null until it has one.</summary>
    public string? PodIP { get; init; }

    /// <summary>Its node's address.</summary>
    public string? HostIP { get; init; }

    /// <summary>When its kubelet took it on, to the second.</summary>
    public DateTimeOffset? StartTime { get; init; }

    /// <summary>Its conditions.</summary>
    public IReadOnlyList<Condition> Conditions { get => field ?? []; init; }

    /// <summary>Its containers.</summary>
    public IReadOnlyList<ContainerStatus> ContainerStatuses { get => field ?? []; init; }

    /// <summary>Its init containers.</summary>
    public IReadOnlyList<ContainerStatus> InitContainerStatuses { get => field ?? []; init; }

    /// <summary><c>Guaranteed</c>, <c>Burstable</c> or <c>BestEffort</c>.</summary>
    public string? QosClass { get; init; }
}

/// <summary>What was observed of a container.</summary>
public sealed record ContainerStatus
{
    /// <summary>Its name.</summary>
    public string Name { get => field ?? ""; init; }

    /// <summary>Whether its readiness check passes.</summary>
    public bool Ready { get; init; }

    /// <summary>Whether its start-up check has passed.</summary>
    public bool? Started { get; init; }

    /// <summary>How often it was restarted.</summary>
    public int RestartCount { get; init; }

    /// <summary>The image it runs.</summary>
    public string? Image { get; init; }

    /// <summary>The runtime's name for it.</summary>
    public string? ContainerID { get; init; }

    /// <summary>What it does now.</summary>
    public ContainerState State { get => field ??= new(); init; }

    /// <summary>How it last ended.</summary>
    public ContainerState LastState { get => field ??= new(); init; }
}

/// <summary>The state of a container: at most one member is set.</summary>
public sealed record ContainerState
{
    /// <summary>It waits.</summary>
    public ContainerWaiting? Waiting { get; init; }

    /// <summary>It runs.</summary>
    public ContainerRunning? Running { get; init; }

    /// <summary>It has ended.</summary>
    public ContainerTerminated? Terminated { get; init; }
}

/// <summary>A container that waits.</summary>
public sealed record ContainerWaiting
{
    /// <summary>For example <c>CrashLoopBackOff</c>.</summary>
    public string? Reason { get; init; }

    /// <summary>Why, for people.</summary>
    public string? Message { get; init; }
}

/// <summary>A container that runs.</summary>
public sealed record ContainerRunning
{
    /// <summary>Since when, to the second.</summary>
    public DateTimeOffset? StartedAt { get; init; }
}

/// <summary>A container that has ended.</summary>
public sealed record ContainerTerminated
{
    /// <summary>Its exit code.</summary>
    public int ExitCode { get; init; }

    /// <summary>The signal that ended it.</summary>
    public int? Signal { get; init; }

    /// <summary>For example <c>OOMKilled</c>.</summary>
    public string? Reason { get; init; }

    /// <summary>Why, for people.</summary>
    public string? Message { get; init; }

    /// <summary>When it began, to the second.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended, to the second.</summary>
    public DateTimeOffset? FinishedAt { get; init; }
}
