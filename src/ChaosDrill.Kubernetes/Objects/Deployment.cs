namespace ChaosDrill.Kubernetes;

/// <summary>A deployment. Partial: see <see cref="IKubernetesObject"/> before writing one back.</summary>
public sealed record Deployment : IKubernetesObject
{
    /// <summary>Group and version.</summary>
    public string ApiVersion { get => field ?? "apps/v1"; init; }

    /// <summary>Kind.</summary>
    public string Kind { get => field ?? "Deployment"; init; }

    /// <inheritdoc/>
    public ObjectMeta Metadata { get => field ??= new(); init; }

    /// <summary>What is wanted.</summary>
    public DeploymentSpec Spec { get => field ??= new(); init; }

    /// <summary>What was observed.</summary>
    public DeploymentStatus Status { get => field ??= new(); init; }
}

/// <summary>What a deployment should keep running.</summary>
public sealed record DeploymentSpec
{
    /// <summary>How many pods; the server fills in 1.</summary>
    public int? Replicas { get; init; }

    /// <summary>Its pods.</summary>
    public LabelSelector Selector { get => field ??= new(); init; }

    /// <summary>What its pods are made from.</summary>
    public PodTemplate Template { get => field ??= new(); init; }

    /// <summary>Seconds a pod must be ready to count as available.</summary>
    public int? MinReadySeconds { get; init; }

    /// <summary>Seconds without progress after which a rollout counts as failed.</summary>
    public int? ProgressDeadlineSeconds { get; init; }

    /// <summary>Whether rollouts are held.</summary>
    public bool? Paused { get; init; }

    /// <summary>How pods are exchanged.</summary>
    public DeploymentStrategy? Strategy { get; init; }
}

/// <summary>How a deployment exchanges its pods.</summary>
public sealed record DeploymentStrategy
{
    /// <summary><c>RollingUpdate</c> or <c>Recreate</c>.</summary>
    public string? Type { get; init; }

    /// <summary>The limits of a rolling update.</summary>
    public RollingUpdate? RollingUpdate { get; init; }
}

/// <summary>The limits of a rolling update.</summary>
public sealed record RollingUpdate
{
    /// <summary>How many pods may be missing.</summary>
    public IntOrString? MaxUnavailable { get; init; }

    /// <summary>How many pods may be too many.</summary>
    public IntOrString? MaxSurge { get; init; }

    /// <summary>Pods of a stateful set below this ordinal stay as they are.</summary>
    public int? Partition { get; init; }
}

/// <summary>What was observed of a deployment; lags behind its pods.</summary>
public sealed record DeploymentStatus
{
    /// <summary>The generation it speaks of.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>Pods that exist and are not terminating.</summary>
    public int Replicas { get; init; }

    /// <summary>Pods of the current template.</summary>
    public int UpdatedReplicas { get; init; }

    /// <summary>Pods that are ready.</summary>
    public int ReadyReplicas { get; init; }

    /// <summary>Pods that were ready long enough.</summary>
    public int AvailableReplicas { get; init; }

    /// <summary>Pods still missing.</summary>
    public int UnavailableReplicas { get; init; }

    /// <summary>Its conditions.</summary>
    public IReadOnlyList<Condition> Conditions { get => field ?? []; init; }
}
