namespace ChaosDrill.Kubernetes;

/// <summary>A claim to storage. Partial: see <see cref="IKubernetesObject"/> before writing one back.</summary>
public sealed record PersistentVolumeClaim : IKubernetesObject
{
    /// <summary>Group and version.</summary>
    public string ApiVersion { get => field ?? "v1"; init; }

    /// <summary>Kind.</summary>
    public string Kind { get => field ?? "PersistentVolumeClaim"; init; }

    /// <inheritdoc/>
    public ObjectMeta Metadata { get => field ??= new(); init; }

    /// <summary>What is wanted.</summary>
    public PersistentVolumeClaimSpec Spec { get => field ??= new(); init; }

    /// <summary>What was observed.</summary>
    public PersistentVolumeClaimStatus Status { get => field ??= new(); init; }
}

/// <summary>What a claim asks for.</summary>
public sealed record PersistentVolumeClaimSpec
{
    /// <summary>The kind of storage.</summary>
    public string? StorageClassName { get; init; }

    /// <summary>The volume it is bound to.</summary>
    public string? VolumeName { get; init; }

    /// <summary>How it may be mounted.</summary>
    public IReadOnlyList<string> AccessModes { get => field ?? []; init; }

    /// <summary>How much.</summary>
    public ResourceRequirements Resources { get => field ??= new(); init; }
}

/// <summary>What was observed of a claim.</summary>
public sealed record PersistentVolumeClaimStatus
{
    /// <summary><c>Pending</c>, <c>Bound</c> or <c>Lost</c>.</summary>
    public string? Phase { get; init; }
}
