using ChaosDrill.Actions.Clusters;
using ChaosDrill.Actions.Faults.Nodes;
using ChaosDrill.Actions.Undos;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Plans;

namespace ChaosDrill.Actions.Faults.NodeCordon;

/// <summary>Cordons nodes; proved when a watch shows the node as unschedulable.</summary>
internal sealed class NodeCordonFault(KubernetesClient client, NodeCordon options) : IFault
{
    private static readonly TimeSpan EffectLimit = TimeSpan.FromSeconds(30);

    public IReadOnlyList<AccessNeed> Needs => [.. NodeChoice.Needs("cordon", options.Node)];

    public TimeSpan? MaxDuration => options.MaxDuration;

    public Task<FaultPlan> PlanAsync(Random random, CancellationToken cancellationToken) => ClusterFailure.Translate(async () =>
    {
        var choice = await NodeChoice.ReadAsync(client, options.Node, options.Selector, cancellationToken);
        return new FaultPlan(
            $"cordon {string.Join(", ", choice.Chosen.Select(n => n.Metadata.Name))}",
            [.. choice.Chosen.Select(NodeChoice.TargetOf)],
            choice.Total,
            "uncordon them",
            [.. choice.Refusals(options.Node, options.Selector), .. choice.Chosen.Where(n => n.Spec.Unschedulable == true).Select(AlreadyCordoned)]) { Touches = [.. choice.Touches] };
    });

    public Task InjectAsync(FaultPlan plan, IFaultReport report, CancellationToken cancellationToken) => ClusterFailure.Translate(async () =>
    {
        foreach (var target in plan.Targets)
        {
            await CordonAsync(client, target, report, () => Task.CompletedTask, cancellationToken);
        }
    });

    /// <summary>Cordons one node and waits until it is seen to be.</summary>
    /// <param name="client">Reaches the cluster.</param>
    /// <param name="target">The node.</param>
    /// <param name="report">Told of it.</param>
    /// <param name="then">What follows as soon as the server has taken the cordon.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task CordonAsync(KubernetesClient client, Target target, IFaultReport report, Func<Task> then, CancellationToken cancellationToken)
    {
        var place = new Place(Place.Nodes, null, target.Name, target.Uid);
        await Sighting.AroundAsync(
            client, Resources.Nodes, null, new WatchOptions { FieldSelector = $"metadata.name={target.Name}" },
            e =>
            {
                if (e.Object is not { Spec.Unschedulable: true })
                {
                    return false;
                }

                report.TookEffect(target, "spec.unschedulable is true", e.ReceivedAt);
                return true;
            },
            async () =>
            {
                await MarkedChange.MakeAsync(client, new CordonReversal(place), CordonReversal.UndoKind, $"uncordon node {target.Name}", report, cancellationToken, target);
                await then();
            },
            EffectLimit, cancellationToken);
    }

    /// <summary>A node that is cordoned already cannot be put back to what it was by uncordoning it.</summary>
    public static Refusal AlreadyCordoned(Node node) => new(
        RefusalKind.Guard, $"node {node.Metadata.Name} is cordoned already, by somebody else", $"choose another node, or uncordon it first: kubectl uncordon {node.Metadata.Name}");
}
