namespace ChaosDrill.Kubernetes;

/// <summary>A limit on voluntary disruption. Partial: see <see cref="IKubernetesObject"/> before writing one back.</summary>
public sealed record PodDisruptionBudget : IKubernetesObject
{
    /// <summary>Group and version.</summary>
    public string ApiVersion { get => field ?? "policy/v1"; init; }

    /// <summary>Kind.</summary>
    public string Kind { get => field ?? "PodDisruptionBudget"; init; }

    /// <inheritdoc/>
    public ObjectMeta Metadata { get => field ??= new(); init; }

    /// <summary>What is wanted.</summary>
    public PodDisruptionBudgetSpec Spec { get => field ??= new(); init; }

    /// <summary>What was observed.</summary>
    public PodDisruptionBudgetStatus Status { get => field ??= new(); init; }
}

/// <summary>What a disruption budget demands.</summary>
public sealed record PodDisruptionBudgetSpec
{
    /// <summary>Its pods; null selects none.</summary>
    public LabelSelector? Selector { get; init; }

    /// <summary>How many must stay.</summary>
    public IntOrString? MinAvailable { get; init; }

    /// <summary>How many may go.</summary>
    public IntOrString? MaxUnavailable { get; init; }

    /// <summary><c>IfHealthyBudget</c> or <c>AlwaysAllow</c>.</summary>
    public string? UnhealthyPodEvictionPolicy { get; init; }
}

/// <summary>What was observed of a disruption budget.</summary>
public sealed record PodDisruptionBudgetStatus
{
    /// <summary>The generation it speaks of.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>How many may go now.</summary>
    public int DisruptionsAllowed { get; init; }

    /// <summary>Healthy pods.</summary>
    public int CurrentHealthy { get; init; }

    /// <summary>Healthy pods wanted.</summary>
    public int DesiredHealthy { get; init; }

    /// <summary>Pods counted.</summary>
    public int ExpectedPods { get; init; }

    /// <summary>Its conditions.</summary>
    public IReadOnlyList<Condition> Conditions { get => field ?? []; init; }
}
