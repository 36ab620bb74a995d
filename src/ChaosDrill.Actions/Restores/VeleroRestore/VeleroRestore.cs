using ChaosDrill.Actions.Restores.RestoredChecks;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Restores.VeleroRestore;

/// <summary>
/// Restores the namespace that a <c>namespaceLoss</c> step deleted, from the chosen backup, and looks at everything that a
/// verification looks at. In place, or into another cluster, from which it is removed again when the drill is over.
/// </summary>
public sealed record VeleroRestore : StepAction
{
    /// <summary>Namespace of the Velero server, in both clusters.</summary>
    [DnsLabel]
    public string VeleroNamespace { get; init; } = "velero";

    /// <summary>
    /// Context of another cluster to restore into: its Velero must read the same bucket, and the namespace must not be there.
    /// Without it, in place.
    /// </summary>
    public string? To { get; init; }

    /// <summary>With <c>to</c>: uid of that cluster's namespace kube-system; any other cluster is refused. The embedded twin is always allowed.</summary>
    public string? ToUid { get; init; }

    /// <summary>With <c>to</c>: how long that cluster's Velero may take to see the backup, 1s to 24h. Velero looks for new ones each minute unless told otherwise.</summary>
    [Between("1s", "24h")]
    public TimeSpan SeenWithin { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Kinds that the backup holds besides the usual ones, as Velero names them, for which rights are asked beforehand:
    /// <c>horizontalpodautoscalers.autoscaling</c>. The usual ones are those of <c>veleroRestoreVerify</c>.
    /// </summary>
    public IReadOnlyList<string> Kinds { get; init; } = [];

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
    public override IEnumerable<OptionProblem> Check() => RestoredCheck.Check(Checks).Concat(
        To is null && ToUid is not null ? [new OptionProblem("toUid", "it says which cluster to restore into, and to names none", "add to: CONTEXT, or leave it out")]
        : To is "" ? [new OptionProblem("to", "it is empty", "write the context of the other cluster, or leave it out to restore in place")] : []);
}
