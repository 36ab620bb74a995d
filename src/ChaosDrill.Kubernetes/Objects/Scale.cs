namespace ChaosDrill.Kubernetes;

/// <summary>The size of a workload, as its scale subresource serves it. Partial: see <see cref="IKubernetesObject"/> before writing one back.</summary>
public sealed record Scale : IKubernetesObject
{
    /// <summary>Group and version.</summary>
    public string ApiVersion { get => field ?? "autoscaling/v1"; init; }

    /// <summary>Kind.</summary>
    public string Kind { get => field ?? "Scale"; init; }

    /// <inheritdoc/>
    public ObjectMeta Metadata { get => field ??= new(); init; }

    /// <summary>What is wanted.</summary>
    public ScaleSpec Spec { get => field ??= new(); init; }

    /// <summary>What was observed.</summary>
    public ScaleStatus Status { get => field ??= new(); init; }
}

/// <summary>The size wanted.</summary>
public sealed record ScaleSpec
{
    /// <summary>How many pods.</summary>
    public int Replicas { get; init; }
}

/// <summary>The size observed.</summary>
public sealed record ScaleStatus
{
    /// <summary>How many pods.</summary>
    public int Replicas { get; init; }

    /// <summary>Its pods, as a list request takes it.</summary>
    public string? Selector { get; init; }
}
