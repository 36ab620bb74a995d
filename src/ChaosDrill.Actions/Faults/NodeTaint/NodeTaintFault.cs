using ChaosDrill.Actions.Clusters;
using ChaosDrill.Actions.Faults.Nodes;
using ChaosDrill.Actions.Undos;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Plans;

namespace ChaosDrill.Actions.Faults.NodeTaint;

/// <summary>Taints nodes; proved when a watch shows the taint.</summary>
internal sealed class NodeTaintFault(KubernetesClient client, NodeTaint options) : IFault
{
    private static readonly TimeSpan EffectLimit = TimeSpan.FromSeconds(30);

    public IReadOnlyList<AccessNeed> Needs => [.. NodeChoice.Needs("taint", options.Node)];

    public TimeSpan? MaxDuration => options.MaxDuration;

    private string Taint => $"{options.Key}{(options.Value is null ? "" : "=" + options.Value)}:{options.Effect}";

    public Task<FaultPlan> PlanAsync(Random random, CancellationToken cancellationToken) => ClusterFailure.Translate(async () =>
    {
        var choice = await NodeChoice.ReadAsync(client, options.Node, options.Selector, cancellationToken);
        return new FaultPlan(
            $"taint {string.Join(", ", choice.Chosen.Select(n => n.Metadata.Name))} with {Taint}",
            [.. choice.Chosen.Select(NodeChoice.TargetOf)],
            choice.Total,
            $"remove taint {options.Key}:{options.Effect}",
            [
                .. choice.Refusals(options.Node, options.Selector),
                .. choice.Chosen.Where(HasTaint).Select(n => new Refusal(
                    RefusalKind.Guard, $"node {n.Metadata.Name} has a taint {options.Key}:{options.Effect} already, by somebody else", "choose another key")),
            ]);
    });

    public Task InjectAsync(FaultPlan plan, IFaultReport report, CancellationToken cancellationToken) => ClusterFailure.Translate(async () =>
    {
        foreach (var target in plan.Targets)
        {
            var reversal = new TaintReversal(new Place(Place.Nodes, null, target.Name, target.Uid), options.Key, options.Value, options.Effect.ToString());
            await Sighting.AroundAsync(
                client, Resources.Nodes, null, new WatchOptions { FieldSelector = $"metadata.name={target.Name}" },
                e =>
                {
                    if (e.Object is not { } node || !HasTaint(node))
                    {
                        return false;
                    }

                    report.TookEffect(target, $"tainted {Taint}", e.ReceivedAt);
                    return true;
                },
                () => MarkedChange.MakeAsync(client, reversal, TaintReversal.UndoKind, $"remove taint {options.Key}:{options.Effect} from node {target.Name}", report, cancellationToken),
                EffectLimit, cancellationToken);
        }
    });

    private bool HasTaint(Node node) => node.Spec.Taints.Any(t => t.Key == options.Key && t.Effect == options.Effect.ToString());
}
