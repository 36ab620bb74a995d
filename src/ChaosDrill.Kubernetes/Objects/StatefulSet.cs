namespace ChaosDrill.Kubernetes;

/// <summary>A stateful set. Partial: see <see cref="IKubernetesObject"/> before writing one back.</summary>
public sealed record StatefulSet : IKubernetesObject
{
    /// <summary>Group and version.</summary>
    public string ApiVersion { get => field ?? "apps/v1"; init; }

    /// <summary>Kind.</summary>
    public string Kind { get => field ?? "StatefulSet"; init; }

    /// <inheritdoc/>
    public ObjectMeta Metadata { get => field ??= new(); init; }

    /// <summary>What is wanted.</summary>
    public StatefulSetSpec Spec { get => field ??= new(); init; }

    /// <summary>What was observed.</summary>
    public StatefulSetStatus Status { get => field ??= new(); init; }
}

/// <summary>What a stateful set should keep running.</summary>
public sealed record StatefulSetSpec
{
    /// <summary>How many pods.</summary>
    public int? Replicas { get; init; }

    /// <summary>Its pods.</summary>
    public LabelSelector Selector { get => field ??= new(); init; }

    /// <summary>What its pods are made from.</summary>
    public PodTemplate Template { get => field ??= new(); init; }

    /// <summary>The service that names its pods.</summary>
    public string? ServiceName { get; init; }

    /// <summary><c>OrderedReady</c> or <c>Parallel</c>.</summary>
    public string? PodManagementPolicy { get; init; }

    /// <summary>Seconds a pod must be ready to count as available.</summary>
    public int? MinReadySeconds { get; init; }

    /// <summary>How pods are exchanged.</summary>
    public StatefulSetUpdateStrategy? UpdateStrategy { get; init; }
}

/// <summary>How a stateful set exchanges its pods.</summary>
public sealed record StatefulSetUpdateStrategy
{
    /// <summary><c>RollingUpdate</c> or <c>OnDelete</c>.</summary>
    public string? Type { get; init; }

    /// <summary>The limits of a rolling update.</summary>
    public RollingUpdate? RollingUpdate { get; init; }
}

/// <summary>What was observed of a stateful set.</summary>
public sealed record StatefulSetStatus
{
    /// <summary>The generation it speaks of.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>Pods that exist.</summary>
    public int Replicas { get; init; }

    /// <summary>Pods that are ready.</summary>
    public int ReadyReplicas { get; init; }

    /// <summary>Pods that were ready long enough.</summary>
    public int AvailableReplicas { get; init; }

    /// <summary>Pods of the current revision.</summary>
    public int CurrentReplicas { get; init; }

    /// <summary>Pods of the update revision.</summary>
    public int UpdatedReplicas { get; init; }

    /// <summary>The revision that pods had.</summary>
    public string? CurrentRevision { get; init; }

    /// <summary>The revision that pods get.</summary>
    public string? UpdateRevision { get; init; }

    /// <summary>Its conditions.</summary>
    public IReadOnlyList<Condition> Conditions { get => field ?? []; init; }
}
