namespace ChaosDrill.Kubernetes;

/// <summary>A namespace. Partial: see <see cref="IKubernetesObject"/> before writing one back.</summary>
public sealed record Namespace : IKubernetesObject
{
    /// <summary>Group and version.</summary>
    public string ApiVersion { get => field ?? "v1"; init; }

    /// <summary>Kind.</summary>
    public string Kind { get => field ?? "Namespace"; init; }

    /// <inheritdoc/>
    public ObjectMeta Metadata { get => field ??= new(); init; }

    /// <summary>What is wanted.</summary>
    public NamespaceSpec Spec { get => field ??= new(); init; }

    /// <summary>What was observed.</summary>
    public NamespaceStatus Status { get => field ??= new(); init; }
}

/// <summary>What holds a namespace.</summary>
public sealed record NamespaceSpec
{
    /// <summary>What must be done before it can vanish.</summary>
    public IReadOnlyList<string> Finalizers { get => field ?? []; init; }
}

/// <summary>What was observed of a namespace.</summary>
public sealed record NamespaceStatus
{
    /// <summary><c>Active</c> or <c>Terminating</c>.</summary>
    public string? Phase { get; init; }

    /// <summary>Why it cannot vanish yet.</summary>
    public IReadOnlyList<Condition> Conditions { get => field ?? []; init; }
}
