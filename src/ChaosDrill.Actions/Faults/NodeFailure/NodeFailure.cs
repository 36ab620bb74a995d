using ChaosDrill.Actions.Faults.Nodes;
using ChaosDrill.Actions.Programs;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Faults.NodeFailure;

/// <summary>
/// Stops the kubelets of nodes: nothing is reported from there any more, and the cluster has to notice. Counted from the
/// stop, proved when the node's condition Ready is no longer True. On the twin the simulated kubelets stop; elsewhere two
/// commands are needed, and are run without a shell on the machine that runs the drill.
/// </summary>
public sealed record NodeFailure : StepAction
{
    /// <summary>Name of the node.</summary>
    public string? Node { get; init; }

    /// <summary>Labels of the nodes, as kubectl takes them; every node that matches fails.</summary>
    public string? Selector { get; init; }

    /// <summary>
    /// Program and arguments that stop a kubelet, such as <c>[ssh, "{node}", sudo, systemctl, stop, kubelet]</c>;
    /// <c>{node}</c> stands for the node's name. Never run on the twin.
    /// </summary>
    public IReadOnlyList<string> StopCommand { get; init; } = [];

    /// <summary>Program and arguments that start it again: the undo of <c>stopCommand</c>. Running it twice must do no harm.</summary>
    public IReadOnlyList<string> StartCommand { get; init; } = [];

    /// <summary>How long the cluster may take to notice before the effect counts as not proved, 1s to 1h.</summary>
    [Between("1s", "1h")]
    public TimeSpan NoticedWithin { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>How long it lasts before it is put back, 1s to 168h. Without it, until an undo step or the end of the drill.</summary>
    [Between("1s", "168h")]
    public TimeSpan? MaxDuration { get; init; }

    /// <inheritdoc />
    public override IEnumerable<OptionProblem> Check() => [.. NodeChoice.Check(Node, Selector), .. HostCommand.CheckPair(StopCommand, StartCommand)];
}
