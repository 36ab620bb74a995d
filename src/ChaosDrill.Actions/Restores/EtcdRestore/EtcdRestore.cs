using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Restores.EtcdRestore;

/// <summary>
/// Brings back the etcd that an <c>etcdDisaster</c> step lost: API servers stopped, the snapshot restored into every member with a
/// new token, members started, the content proved key by key, API servers started. The old data is put back by undo unless
/// everything was proved; it is never deleted.
/// </summary>
public sealed record EtcdRestore : StepAction
{
    /// <summary>How long the members may take to have a leader after they were started, 1s to 24h.</summary>
    [Between("1s", "24h")]
    public TimeSpan HealthyWithin { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long proving the content may take, 1s to 24h.</summary>
    [Between("1s", "24h")]
    public TimeSpan VerifiedWithin { get; init; } = TimeSpan.FromMinutes(30);

    /// <inheritdoc />
    [NotInFile]
    public override bool IsFault => false;

    /// <inheritdoc />
    [NotInFile]
    public override bool KeepsRealTime => true;
}
