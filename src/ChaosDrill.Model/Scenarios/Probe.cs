namespace ChaosDrill.Model.Scenarios;

/// <summary>Something sampled again and again on a fixed timetable.</summary>
public sealed record Probe
{
    /// <summary>Name by which conditions and objectives refer to it: lower-case letters, digits and <c>-</c>, at most 63 characters.</summary>
    [DnsLabel]
    public required string Name { get; init; }

    /// <summary>What is asked.</summary>
    [OneOf]
    public required ProbeTarget Target { get; init; }

    /// <summary>
    /// Context of the other cluster that a <c>veleroRestore</c> step restores into, in which <c>service</c>, <c>workload</c>,
    /// <c>exec</c> and <c>api</c> ask. Without it, the drill's own.
    /// </summary>
    public string? Context { get; init; }

    /// <summary>Time from one sample to the next, 10ms to 1h. A slow answer never delays the next sample.</summary>
    [Between("10ms", "1h")]
    public TimeSpan Every { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A sample without an answer after this long has failed, 10ms to 5m.</summary>
    [Between("10ms", "5m")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Where the probe stands in its file.</summary>
    [NotInFile]
    public SourcePosition? Source { get; init; }
}

/// <summary>What a probe asks: one of the kinds that the actions declare.</summary>
public abstract record ProbeTarget
{
    /// <summary>Whether it asks the scenario's Prometheus.</summary>
    public virtual bool AsksPrometheus => false;

    /// <summary>Whether it asks by way of a cluster's API server, so that it matters which cluster that is.</summary>
    public virtual bool AsksCluster => false;

    /// <summary>What is wrong with the options beyond the types of their fields; empty when nothing is.</summary>
    public virtual IEnumerable<OptionProblem> Check() => [];
}

/// <summary>Something wrong with the options of a step or probe.</summary>
/// <param name="Field">The field's name in the file, such as <c>value</c>.</param>
/// <param name="Message">What is wrong, such as <c>mode fixed needs a number</c>.</param>
/// <param name="Mend">What to write instead.</param>
public sealed record OptionProblem(string Field, string Message, string Mend);

/// <summary>
/// Marks a member that is written in the file as one field out of several, named for the kind:
/// <c>podKill: {...}</c> in a step, <c>service: {...}</c> in a probe.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class OneOfAttribute : Attribute;
