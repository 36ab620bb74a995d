namespace ChaosDrill.Kubernetes;

/// <summary>A job. Partial: see <see cref="IKubernetesObject"/> before writing one back.</summary>
public sealed record Job : IKubernetesObject
{
    /// <summary>Group and version.</summary>
    public string ApiVersion { get => field ?? "batch/v1"; init; }

    /// <summary>Kind.</summary>
    public string Kind { get => field ?? "Job"; init; }

    /// <inheritdoc/>
    public ObjectMeta Metadata { get => field ??= new(); init; }

    /// <summary>What is wanted.</summary>
    public JobSpec Spec { get => field ??= new(); init; }

    /// <summary>What was observed.</summary>
    public JobStatus Status { get => field ??= new(); init; }
}

/// <summary>What a job should do.</summary>
public sealed record JobSpec
{
    /// <summary>Pods at a time.</summary>
    public int? Parallelism { get; init; }

    /// <summary>Successes wanted.</summary>
    public int? Completions { get; init; }

    /// <summary>Failures allowed.</summary>
    public int? BackoffLimit { get; init; }

    /// <summary>Whether it is held.</summary>
    public bool? Suspend { get; init; }

    /// <summary>Its pods.</summary>
    public LabelSelector? Selector { get; init; }

    /// <summary>What its pods are made from.</summary>
    public PodTemplate Template { get => field ??= new(); init; }
}

/// <summary>What was observed of a job.</summary>
public sealed record JobStatus
{
    /// <summary>When it began.</summary>
    public DateTimeOffset? StartTime { get; init; }

    /// <summary>When it succeeded.</summary>
    public DateTimeOffset? CompletionTime { get; init; }

    /// <summary>Pods at work.</summary>
    public int Active { get; init; }

    /// <summary>Pods that succeeded.</summary>
    public int Succeeded { get; init; }

    /// <summary>Pods that failed.</summary>
    public int Failed { get; init; }

    /// <summary>Its conditions.</summary>
    public IReadOnlyList<Condition> Conditions { get => field ?? []; init; }
}
