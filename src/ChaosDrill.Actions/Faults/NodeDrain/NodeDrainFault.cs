using ChaosDrill.Actions.Clusters;
using ChaosDrill.Actions.Faults.Evictions;
using ChaosDrill.Actions.Faults.NodeCordon;
using ChaosDrill.Actions.Faults.Nodes;
using ChaosDrill.Actions.Faults.Pods;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Plans;

namespace ChaosDrill.Actions.Faults.NodeDrain;

/// <summary>Drains nodes one after another: cordon, filter, evict all at once, wait until all are gone.</summary>
internal sealed class NodeDrainFault(KubernetesClient client, NodeDrain options) : IFault
{
    /// <summary>A scheduler that has not heard of the cordon yet may still bind a pod that it was at; what comes within this is evicted too. kubectl does not wait.</summary>
    private static readonly TimeSpan Binding = TimeSpan.FromMilliseconds(100);

    public IReadOnlyList<AccessNeed> Needs =>
    [
        .. NodeChoice.Needs("cordon", options.Node),
        new("list", "", "pods", null, "find the pods of the drained nodes"),
        new("watch", "", "pods", null, "prove that pods are gone"),
        new("get", "apps", "daemonsets", null, "tell which pods a daemon set would only start again"),
        .. Eviction.Needs(null, options.DisableEviction),
    ];

    public TimeSpan? MaxDuration => options.MaxDuration;

    public Task<FaultPlan> PlanAsync(Random random, CancellationToken cancellationToken) => ClusterFailure.Translate(async () =>
    {
        var choice = await NodeChoice.ReadAsync(client, options.Node, options.Selector, cancellationToken);
        var refusals = new List<Refusal>(choice.Refusals(options.Node, options.Selector));
        var targets = new List<Target>();
        var gone = new List<Pod>();
        foreach (var node in choice.Chosen)
        {
            var (pods, errors) = await PodsAsync(node.Metadata.Name!, cancellationToken);
            gone.AddRange(pods);
            targets.Add(NodeChoice.TargetOf(node) with { Detail = $"evicts {pods.Count} pods" });
            refusals.AddRange(errors.Select(error => new Refusal(
                RefusalKind.Guard, $"node {node.Metadata.Name}: {error}", "allow it in the nodeDrain step: ignoreDaemonSets, deleteEmptyDirData or force, as kubectl's options are called")));
            if (node.Spec.Unschedulable == true)
            {
                refusals.Add(NodeCordonFault.AlreadyCordoned(node));
            }
        }

        return new FaultPlan($"drain {string.Join(", ", targets.Select(t => t.Name))}", targets, choice.Total, "uncordon them; the controllers of the pods replace them", refusals)
        {
            Touches = [.. choice.Touches, .. gone.Select(PodTouch.Of)],
            Budgets = options.DisableEviction ? BudgetSay.Passed : BudgetSay.Asked,
        };
    });

    public Task InjectAsync(FaultPlan plan, IFaultReport report, CancellationToken cancellationToken) => ClusterFailure.Translate(async () =>
    {
        var eviction = new Eviction(client, new EvictionManner(options.GracePeriod, options.Timeout, options.DisableEviction), report);
        foreach (var node in plan.Targets)
        {
            await eviction.RunAsync(
                async evict =>
                {
                    // What forbids the drain is found before the cordon.
                    var chosen = await ChooseAsync(node, cancellationToken);

                    // Once the server has taken the cordon, nothing waits: not until a watch shows it too, and not until pods that came in the last moment are there.
                    await NodeCordonFault.CordonAsync(client, node, report, () => Task.WhenAll(evict(chosen), EvictLatecomersAsync()), cancellationToken);

                    async Task EvictLatecomersAsync()
                    {
                        await Task.Delay(Binding, client.Clock, cancellationToken);
                        await evict([.. (await ChooseAsync(node, cancellationToken)).ExceptBy(chosen.Select(p => p.Uid), p => p.Uid)]);
                    }
                },
                null, new WatchOptions { FieldSelector = $"spec.nodeName={node.Name}" }, cancellationToken);
        }
    });

    /// <summary>Which pods of a node are to go. Some may have come since the plan or the last look; none comes after the cordon.</summary>
    private async Task<IReadOnlyList<Target>> ChooseAsync(Target node, CancellationToken cancellationToken)
    {
        var (pods, errors) = await PodsAsync(node.Name, cancellationToken);
        return errors.Count == 0 ? [.. pods.Select(PodTouch.TargetOf)] : throw new ClusterException($"node {node.Name}: {string.Join("; ", errors)}");
    }

    /// <summary>The pods of a node that are to go, and what forbids it.</summary>
    private async Task<(IReadOnlyList<Pod> Pods, IReadOnlyList<string> Errors)> PodsAsync(string node, CancellationToken cancellationToken)
    {
        var found = await client.ListAsync(
            Resources.Pods, null, new ListOptions { FieldSelector = $"spec.nodeName={node}", LabelSelector = options.PodSelector }, cancellationToken);
        var pods = new List<Pod>();
        var errors = new Dictionary<string, List<string>>();
        foreach (var pod in found.Items)
        {
            var exists = DrainFilters.IsOfDaemonSet(pod)
                && await client.FindAsync(Resources.DaemonSets, pod.Metadata.Namespace, pod.Metadata.Controller!.Name!, cancellationToken) is not null;
            var ruling = DrainFilters.Rule(pod, options, exists);
            if (ruling.Error is { } error)
            {
                errors.TryAdd(error, []);
                errors[error].Add($"{pod.Metadata.Namespace}/{pod.Metadata.Name}");
            }
            else if (ruling.Delete)
            {
                pods.Add(pod);
            }
        }

        return (pods, [.. errors.Select(e => $"cannot delete {e.Key}: {string.Join(", ", e.Value)}")]);
    }
}
