namespace ChaosDrill.Kubernetes;

/// <summary>A daemon set. Partial: see <see cref="IKubernetesObject"/> before writing one back.</summary>
public sealed record DaemonSet : IKubernetesObject
{
    /// <summary>Group and version.</summary>
    public string ApiVersion { get => field ?? "apps/v1"; init; }

    /// <summary>Kind.</summary>
    public string Kind { get => field ?? "DaemonSet"; init; }

    /// <inheritdoc/>
    public ObjectMeta Metadata { get => field ??= new(); init; }

    /// <summary>What is wanted.</summary>
    public DaemonSetSpec Spec { get => field ??= new(); init; }

    /// <summary>What was observed.</summary>
    public DaemonSetStatus Status { get => field ??= new(); init; }
}

/// <summary>What a daemon set should keep running.</summary>
public sealed record DaemonSetSpec
{
    /// <summary>Its pods.</summary>
    public LabelSelector Selector { get => field ??= new(); init; }

    /// <summary>What its pods are made from.</summary>
    public PodTemplate Template { get => field ??= new(); init; }

    /// <summary>Seconds a pod must be ready to count as available.</summary>
    public int? MinReadySeconds { get; init; }

    /// <summary>How pods are exchanged.</summary>
    public DaemonSetUpdateStrategy? UpdateStrategy { get; init; }
}

/// <summary>How a daemon set exchanges its pods.</summary>
public sealed record DaemonSetUpdateStrategy
{
    /// <summary><c>RollingUpdate</c> or <c>OnDelete</c>.</summary>
    public string? Type { get; init; }

    /// <summary>The limits of a rolling update.</summary>
    public RollingUpdate? RollingUpdate { get; init; }
}

/// <summary>What was observed of a daemon set.</summary>
public sealed record DaemonSetStatus
{
    /// <summary>The generation it speaks of.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>Nodes that should run it.</summary>
    public int DesiredNumberScheduled { get; init; }

    /// <summary>Nodes that should and do.</summary>
    public int CurrentNumberScheduled { get; init; }

    /// <summary>Nodes that run the current template.</summary>
    public int UpdatedNumberScheduled { get; init; }

    /// <summary>Nodes where it is ready.</summary>
    public int NumberReady { get; init; }

    /// <summary>Nodes where it was ready long enough.</summary>
    public int NumberAvailable { get; init; }

    /// <summary>Nodes where it is missing.</summary>
    public int NumberUnavailable { get; init; }

    /// <summary>Nodes that run it and should not.</summary>
    public int NumberMisscheduled { get; init; }

    /// <summary>Its conditions.</summary>
    public IReadOnlyList<Condition> Conditions { get => field ?? []; init; }
}
