using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Faults.NamespaceLoss;

/// <summary>
/// Deletes the scenario's namespace with everything in it. Only after a <c>veleroBackup</c> or <c>veleroBackupSelect</c> step,
/// and only when that backup's archive was read and holds the namespace and the data of its volumes. Proved when the
/// namespace is gone; a finalizer that holds it is named and left alone. Undone by restoring that backup.
/// </summary>
public sealed record NamespaceLoss : StepAction
{
    /// <summary>The name of the namespace once more: it must be the scenario's, or nothing is touched.</summary>
    [DnsLabel]
    public required string Confirm { get; init; }

    /// <summary>Namespace of the Velero server.</summary>
    [DnsLabel]
    public string VeleroNamespace { get; init; } = "velero";

    /// <summary>How long the namespace may take to go, 1s to 24h.</summary>
    [Between("1s", "24h")]
    public TimeSpan GoneWithin { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long the undo may take to restore it, when no <c>veleroRestore</c> step has, 1s to 24h.</summary>
    [Between("1s", "24h")]
    public TimeSpan BackWithin { get; init; } = TimeSpan.FromHours(1);
}
