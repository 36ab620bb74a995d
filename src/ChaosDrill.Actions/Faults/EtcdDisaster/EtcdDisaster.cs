using ChaosDrill.Actions.Programs;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Faults.EtcdDisaster;

/// <summary>
/// Loses etcd: every member is ended and its data is moved aside, never deleted. Only when the snapshot that is to bring it back
/// was restored into a scratch etcd just before and proved to be whole. An <c>etcdRestore</c> step brings it back; without one,
/// or when it fails, undo puts the old data back. On a twin with members of a real etcd it happens for real; elsewhere the step
/// names the commands for each host.
/// </summary>
public sealed record EtcdDisaster : StepAction
{
    /// <summary>The name of the cluster once more, which is its context: it must be the cluster's, or nothing is touched. A twin is not asked.</summary>
    public required string Confirm { get; init; }

    /// <summary>The snapshot that etcd is to be restored from. Without it, the one that this drill took.</summary>
    public string? Snapshot { get; init; }

    /// <summary>Addresses of members, such as <c>https://10.0.0.1:2379</c>; the others are found through them.</summary>
    public IReadOnlyList<string> Endpoints { get; init; } = [];

    /// <summary>Where a distribution keeps endpoint and certificates on a control-plane node: <c>kubeadm</c> or <c>k3s</c>. Fields beside it win.</summary>
    public string? Preset { get; init; }

    /// <summary>File of the authority that signed the members' certificates.</summary>
    public string? Ca { get; init; }

    /// <summary>File of the client certificate.</summary>
    public string? Cert { get; init; }

    /// <summary>File of its key.</summary>
    public string? Key { get; init; }

    /// <summary>Every member of etcd, and the commands for its host. Not needed on the twin.</summary>
    public IReadOnlyList<EtcdHost> Members { get; init; } = [];

    /// <summary>Every API server, and the commands for its host. Not needed on the twin.</summary>
    public IReadOnlyList<ApiServerHost> ApiServers { get; init; } = [];

    /// <summary>How long one command may last, 1s to 24h.</summary>
    [Between("1s", "24h")]
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Folder that the scratch folder of the dry restore is made in. Without it the system's temporary folder.</summary>
    public string? Scratch { get; init; }

    /// <summary>Folder of etcd's programs. Without it they are looked up in PATH.</summary>
    public string? Bin { get; init; }

    /// <inheritdoc />
    [NotInFile]
    public override bool KeepsRealTime => true;

    /// <inheritdoc />
    public override IEnumerable<OptionProblem> Check() =>
    [
        .. EtcdFields.Check(Endpoints, Preset, Cert, Key),
        .. Members.SelectMany((m, i) => m.Commands.SelectMany(c => HostCommand.Check($"members[{i}].{c.Field}", c.Words, needed: true))),
        .. ApiServers.SelectMany((a, i) => HostCommand.Check($"apiServers[{i}].stop", a.Stop, needed: true).Concat(HostCommand.Check($"apiServers[{i}].start", a.Start, needed: true))),
    ];
}

/// <summary>The commands for the host of one member of etcd: programs with arguments, run without a shell on the machine that runs the drill.</summary>
public sealed record EtcdHost
{
    /// <summary>Name of the member, as <c>etcdctl member list</c> has it.</summary>
    public required string Name { get; init; }

    /// <summary>Ends the member: <c>[ssh, cp1, sudo, systemctl, stop, etcd]</c>, or moves its static pod's manifest away and waits until it is gone.</summary>
    public required IReadOnlyList<string> Stop { get; init; }

    /// <summary>Moves its data aside: <c>[ssh, cp1, sudo, mv, /var/lib/etcd, /var/lib/etcd.lost]</c>.</summary>
    public required IReadOnlyList<string> MoveAside { get; init; }

    /// <summary>
    /// Restores the snapshot into its data folder. <c>{snapshot}</c> is the file on the machine that runs the drill, <c>{token}</c> the new cluster's token.
    /// It must name the member, all peers and <c>--bump-revision 1000000000 --mark-compacted</c> where the version has them.
    /// </summary>
    public required IReadOnlyList<string> Restore { get; init; }

    /// <summary>Starts the member.</summary>
    public required IReadOnlyList<string> Start { get; init; }

    /// <summary>The undo of <c>moveAside</c>: replaces whatever was restored by the old data, if that lies aside. Running it twice must do no harm.</summary>
    public required IReadOnlyList<string> PutBack { get; init; }

    /// <summary>Where the old data lies after <c>moveAside</c>, for people: <c>cp1:/var/lib/etcd.lost</c>.</summary>
    public required string Aside { get; init; }

    internal IEnumerable<(string Field, IReadOnlyList<string> Words)> Commands =>
        [("stop", Stop), ("moveAside", MoveAside), ("restore", Restore), ("start", Start), ("putBack", PutBack)];
}

/// <summary>The commands for the host of one API server.</summary>
public sealed record ApiServerHost
{
    /// <summary>Stops it and waits until it is gone.</summary>
    public required IReadOnlyList<string> Stop { get; init; }

    /// <summary>Starts it: the undo of <c>stop</c>. Running it twice must do no harm.</summary>
    public required IReadOnlyList<string> Start { get; init; }
}
