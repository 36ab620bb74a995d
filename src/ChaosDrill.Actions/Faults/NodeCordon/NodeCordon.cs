using ChaosDrill.Actions.Faults.Nodes;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Faults.NodeCordon;

/// <summary>Marks nodes as unschedulable, as <c>kubectl cordon</c> does. Pods that run there go on; undo uncordons.</summary>
public sealed record NodeCordon : StepAction
{
    /// <summary>Name of the node.</summary>
    public string? Node { get; init; }

    /// <summary>Labels of the nodes, as kubectl takes them; every node that matches is cordoned.</summary>
    public string? Selector { get; init; }

    /// <summary>How long it lasts before it is put back, 1s to 168h. Without it, until an undo step or the end of the drill.</summary>
    [Between("1s", "168h")]
    public TimeSpan? MaxDuration { get; init; }

    /// <inheritdoc />
    public override IEnumerable<OptionProblem> Check() => NodeChoice.Check(Node, Selector);
}
