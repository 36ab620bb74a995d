namespace ChaosDrill.Kubernetes;

/// <summary>An account for pods. Partial: see <see cref="IKubernetesObject"/> before writing one back.</summary>
public sealed record ServiceAccount : IKubernetesObject
{
    /// <summary>Group and version.</summary>
    public string ApiVersion { get => field ?? "v1"; init; }

    /// <summary>Kind.</summary>
    public string Kind { get => field ?? "ServiceAccount"; init; }

    /// <inheritdoc/>
    public ObjectMeta Metadata { get => field ??= new(); init; }
}
