using System.Text.Json.Serialization;

namespace ChaosDrill.Model.Scenarios;

/// <summary>One entry of a scenario: a fault, a restore action, a wait, a check.</summary>
public sealed record Step
{
    /// <summary>What the step is called in views and reports. Without it, its kind.</summary>
    public string? Name { get; init; }

    /// <summary>What the step does.</summary>
    [OneOf]
    public required StepAction Action { get; init; }

    /// <summary>Where the step stands in its file.</summary>
    [NotInFile]
    public SourcePosition? Source { get; init; }
}

/// <summary>What a step does: <see cref="AwaitRecovery"/>, <see cref="Wait"/>, or one of the kinds that the actions declare.</summary>
public abstract record StepAction
{
    /// <summary>The field that the step is written with, such as <c>podKill</c>.</summary>
    [NotInFile]
    public string Kind { get; init; } = "";

    /// <summary>
    /// Whether the step does harm that something must recover from: a scenario with a recovery objective must wait for the
    /// recovery after it. True unless a kind says otherwise.
    /// </summary>
    [NotInFile]
    [JsonIgnore]
    public virtual bool IsFault => true;

    /// <summary>Whether the step runs programs or reaches machines that keep real time, so that it cannot be rehearsed in virtual time.</summary>
    [NotInFile]
    [JsonIgnore]
    public virtual bool KeepsRealTime => false;

    /// <summary>What is wrong with the options beyond the types of their fields; empty when nothing is.</summary>
    public virtual IEnumerable<OptionProblem> Check() => [];
}

/// <summary>Waits until everything named has held without a break for a while; the recovery time ends at the beginning of that stretch.</summary>
public sealed record AwaitRecovery : StepAction
{
    /// <summary>Workloads and probes that must be well again: <c>deployment/NAME</c>, <c>statefulset/NAME</c>, <c>probe/NAME</c>.</summary>
    public required IReadOnlyList<WorkloadReference> Of { get; init; }

    /// <summary>How long everything must hold without a break, 1ms to 24h. A flap restarts it.</summary>
    [Between("1ms", "24h")]
    public TimeSpan StableFor { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long to wait, counted from the beginning of this step, 1ms to 168h. Longer than the objective, so that a miss has a value.</summary>
    [Between("1ms", "168h")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <inheritdoc />
    [NotInFile]
    [JsonIgnore]
    public override bool IsFault => false;
}

/// <summary>Waits for a fixed time, while probes and watches go on.</summary>
public sealed record Wait : StepAction
{
    /// <summary>How long to wait, 1ms to 168h.</summary>
    [Between("1ms", "168h")]
    public required TimeSpan For { get; init; }

    /// <inheritdoc />
    [NotInFile]
    [JsonIgnore]
    public override bool IsFault => false;
}

/// <summary>
/// Puts back what an earlier step changed. Where the cure is the undo itself, as with a roll-out that fails, an
/// <c>awaitRecovery</c> after it times the recovery from the effect of the fault on.
/// </summary>
public sealed record Undo : StepAction
{
    /// <summary>Name of the earlier step whose change is put back.</summary>
    public required string Step { get; init; }

    /// <inheritdoc />
    [NotInFile]
    [JsonIgnore]
    public override bool IsFault => false;
}
