namespace ChaosDrill.Kubernetes;

/// <summary>The pods that a workload makes.</summary>
public sealed record PodTemplate
{
    /// <summary>Labels and annotations of its pods.</summary>
    public ObjectMeta Metadata { get => field ??= new(); init; }

    /// <summary>What its pods run.</summary>
    public PodSpec Spec { get => field ??= new(); init; }
}
