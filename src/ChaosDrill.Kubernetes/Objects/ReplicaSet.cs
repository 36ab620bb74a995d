namespace ChaosDrill.Kubernetes;

/// <summary>A replica set. Partial: see <see cref="IKubernetesObject"/> before writing one back.</summary>
public sealed record ReplicaSet : IKubernetesObject
{
    /// <summary>Group and version.</summary>
    public string ApiVersion { get => field ?? "apps/v1"; init; }

    /// <summary>Kind.</summary>
    public string Kind { get => field ?? "ReplicaSet"; init; }

    /// <inheritdoc/>
    public ObjectMeta Metadata { get => field ??= new(); init; }

    /// <summary>What is wanted.</summary>
    public ReplicaSetSpec Spec { get => field ??= new(); init; }

    /// <summary>What was observed.</summary>
    public ReplicaSetStatus Status { get => field ??= new(); init; }
}

/// <summary>What a replica set should keep running.</summary>
public sealed record ReplicaSetSpec
{
    /// <summary>How many pods.</summary>
    public int? Replicas { get; init; }

    /// <summary>Its pods.</summary>
    public LabelSelector Selector { get => field ??= new(); init; }

    /// <summary>What its pods are made from.</summary>
    public PodTemplate Template { get => field ??= new(); init; }

    /// <summary>Seconds a pod must be ready to count as available.</summary>
    public int? MinReadySeconds { get; init; }
}

/// <summary>What was observed of a replica set.</summary>
public sealed record ReplicaSetStatus
{
    /// <summary>The generation it speaks of.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>Pods that exist.</summary>
    public int Replicas { get; init; }

    /// <summary>Pods that are ready.</summary>
    public int ReadyReplicas { get; init; }

    /// <summary>Pods that were ready long enough.</summary>
    public int AvailableReplicas { get; init; }

    /// <summary>Its conditions.</summary>
    public IReadOnlyList<Condition> Conditions { get => field ?? []; init; }
}
