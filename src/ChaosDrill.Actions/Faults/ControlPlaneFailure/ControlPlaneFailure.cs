using ChaosDrill.Actions.Programs;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Faults.ControlPlaneFailure;

/// <summary>
/// Stops a program of the control plane. The API server's absence is proved by a question that it no longer answers, the
/// others' by a leader's lease that is no longer renewed. On the twin the simulated program stops; elsewhere two commands
/// are needed, and are run without a shell on the machine that runs the drill. Undo starts it again, also while the API
/// server is away, and waits until it is back.
/// </summary>
public sealed record ControlPlaneFailure : StepAction
{
    /// <summary>Which program is stopped.</summary>
    public required ControlPlaneComponent Component { get; init; }

    /// <summary>Program and arguments that stop it, such as <c>[ssh, cp1, sudo, mv, /etc/kubernetes/manifests/kube-scheduler.yaml, /root/]</c>. Never run on the twin.</summary>
    public IReadOnlyList<string> StopCommand { get; init; } = [];

    /// <summary>Program and arguments that start it again: the undo of <c>stopCommand</c>. Running it twice must do no harm.</summary>
    public IReadOnlyList<string> StartCommand { get; init; } = [];

    /// <summary>How long it lasts before it is put back, 1s to 168h. Without it, until an undo step or the end of the drill.</summary>
    [Between("1s", "168h")]
    public TimeSpan? MaxDuration { get; init; }

    /// <inheritdoc />
    public override IEnumerable<OptionProblem> Check() => HostCommand.CheckPair(StopCommand, StartCommand);
}

/// <summary>The programs of a control plane.</summary>
public enum ControlPlaneComponent
{
    /// <summary>The API server: nothing can be read, created or changed; what runs goes on.</summary>
    ApiServer,

    /// <summary>The scheduler: new pods stay where nobody put them.</summary>
    Scheduler,

    /// <summary>The controller manager: no pod is replaced, no endpoint, budget or node looked after.</summary>
    ControllerManager,
}
