using ChaosDrill.Actions.Programs;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Faults.EtcdKill;

/// <summary>
/// Ends one member of etcd, as a lost machine would. On a twin with members of a real etcd that member's process is killed;
/// elsewhere two commands are needed, run without a shell on the machine that runs the drill. Proved when the member no longer
/// answers. Only when the others are enough to go on; that they do, with a leader, is checked. Undo starts the member and
/// waits until it has caught up.
/// </summary>
public abstract record EtcdKill : StepAction
{
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

    /// <summary>Program and arguments that end a member, with <c>{member}</c> for its name, such as <c>[ssh, "{member}", sudo, systemctl, kill, --signal=KILL, etcd]</c>. Never run on the twin.</summary>
    public IReadOnlyList<string> StopCommand { get; init; } = [];

    /// <summary>Program and arguments that start it again: the undo of <c>stopCommand</c>. Running it twice must do no harm.</summary>
    public IReadOnlyList<string> StartCommand { get; init; } = [];

    /// <summary>How long the others may take to have a leader, 1s to 10m; a check that does not hold afterwards.</summary>
    [Between("1s", "10m")]
    public TimeSpan LeaderWithin { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long it lasts before it is put back, 1s to 168h. Without it, until an undo step or the end of the drill.</summary>
    [Between("1s", "168h")]
    public TimeSpan? MaxDuration { get; init; }

    /// <inheritdoc />
    [NotInFile]
    public override bool KeepsRealTime => true;

    /// <inheritdoc />
    public override IEnumerable<OptionProblem> Check() => EtcdFields.Check(Endpoints, Preset, Cert, Key).Concat(HostCommand.CheckPair(StopCommand, StartCommand));
}

/// <inheritdoc cref="EtcdKill" />
public sealed record EtcdMemberKill : EtcdKill
{
    /// <summary>Name of the member, as <c>etcdctl member list</c> has it. Without it one by chance.</summary>
    public string? Member { get; init; }
}

/// <summary>
/// Ends the member of etcd that leads when the step begins, and times how long the others take to have a leader again.
/// </summary>
/// <inheritdoc cref="EtcdKill" path="/remarks" />
public sealed record EtcdLeaderKill : EtcdKill;
