namespace ChaosDrill.Model.Scenarios;

/// <summary>Something that must hold before the first fault and again at the end; names a workload or a probe.</summary>
public sealed record SteadyStateCondition
{
    /// <summary>A workload that must have all its pods ready: <c>deployment/NAME</c>.</summary>
    public WorkloadReference? Workload { get; init; }

    /// <summary>A probe of this scenario that must succeed.</summary>
    public string? Probe { get; init; }

    /// <summary>How long it must hold without a break to count, 0s to 1h.</summary>
    [Between("0s", "1h")]
    public TimeSpan For { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Where the condition stands in its file.</summary>
    [NotInFile]
    public SourcePosition? Source { get; init; }

    /// <summary>The workload or probe, as a reference.</summary>
    [NotInFile]
    public WorkloadReference Subject => Workload ?? new WorkloadReference(WorkloadReference.ProbeKind, Probe ?? "");
}
