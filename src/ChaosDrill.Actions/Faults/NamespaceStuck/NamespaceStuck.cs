using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Faults.NamespaceStuck;

/// <summary>
/// Makes a namespace that cannot be deleted, and deletes it: an object in it has a finalizer that no controller takes off.
/// Nobody's data is in it. Proved when the cluster says that the namespace waits for a finalizer. Undo takes the finalizer
/// off and waits until the namespace is gone.
/// </summary>
public sealed record NamespaceStuck : StepAction
{
    /// <summary>Name of the namespace. One that is there already is never touched: the plan is refused.</summary>
    [DnsLabel]
    public required string Namespace { get; init; }

    /// <summary>How long it lasts before it is put back, 1s to 168h. Without it, until an undo step or the end of the drill.</summary>
    [Between("1s", "168h")]
    public TimeSpan? MaxDuration { get; init; }
}
