namespace ChaosDrill.Actions.Faults.ControlPlaneFailure;

/// <summary>Whether the drill itself takes the API server away: its silence then is no reason to give up.</summary>
/// <remarks>Thread-safe. Once begun it holds to the end of the drill; what really became of the lock is read when the server is back.</remarks>
internal sealed class PlannedOutage
{
    private volatile bool _begun;
    private volatile bool _away;

    /// <summary>Whether this drill deletes its own namespace, with the lock in it: the lock is taken anew when the namespace is back.</summary>
    public bool NamespaceIsAway
    {
        get => _away;
        set => _away = value;
    }

    /// <summary>Whether the API server was, or is about to be, stopped by this drill.</summary>
    public bool HasBegun => _begun;

    public void Begin() => _begun = true;
}
