using System.Text.Json.Serialization;

namespace ChaosDrill.Kubernetes;

/// <summary>A lock with an end; known whole, so it may be replaced.</summary>
public sealed record Lease : IKubernetesObject
{
    /// <summary>Group and version.</summary>
    public string ApiVersion { get => field ?? "coordination.k8s.io/v1"; init; }

    /// <summary>Kind.</summary>
    public string Kind { get => field ?? "Lease"; init; }

    /// <inheritdoc/>
    public ObjectMeta Metadata { get => field ??= new(); init; }

    /// <summary>What is wanted.</summary>
    public LeaseSpec Spec { get => field ??= new(); init; }
}

/// <summary>Who holds a lease, and for how long.</summary>
public sealed record LeaseSpec
{
    /// <summary>The holder.</summary>
    public string? HolderIdentity { get; init; }

    /// <summary>Seconds after the last renewal until others may take it.</summary>
    public int? LeaseDurationSeconds { get; init; }

    /// <summary>When it was taken, to the microsecond.</summary>
    [JsonConverter(typeof(MicroTimeConverter))]
    public DateTimeOffset? AcquireTime { get; init; }

    /// <summary>When it was renewed, to the microsecond.</summary>
    [JsonConverter(typeof(MicroTimeConverter))]
    public DateTimeOffset? RenewTime { get; init; }

    /// <summary>How often it changed hands.</summary>
    public int? LeaseTransitions { get; init; }

    /// <summary>How holders are chosen by coordinated election.</summary>
    public string? Strategy { get; init; }

    /// <summary>Who should take it next by coordinated election.</summary>
    public string? PreferredHolder { get; init; }
}
