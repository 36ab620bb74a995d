using ChaosDrill.Actions.Restores.RestoredChecks;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Restores.VeleroRestore;

/// <summary>Restores the namespace that a <c>namespaceLoss</c> step deleted, in place, from the chosen backup, and looks at everything that a verification looks at.</summary>
public sealed record VeleroRestore : StepAction
{
    /// <summary>Namespace of the Velero server.</summary>
    [DnsLabel]
    public string VeleroNamespace { get; init; } = "velero";

    /// <summary>Whether the restored workloads must become ready; without it only objects are verified.</summary>
    public bool AwaitReady { get; init; } = true;

    /// <summary>How long the workloads may take to become ready, 1s to 24h.</summary>
    [Between("1s", "24h")]
    public TimeSpan ReadyWithin { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>What else is asked of what was restored, when it is ready: commands, services, files.</summary>
    public IReadOnlyList<RestoredCheck> Checks { get; init; } = [];

    /// <summary>How long the restore may take, volumes included, 1s to 24h.</summary>
    [Between("1s", "24h")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromHours(1);

    /// <inheritdoc />
    public override bool IsFault => false;

    /// <inheritdoc />
    public override IEnumerable<OptionProblem> Check() => RestoredCheck.Check(Checks);
}
