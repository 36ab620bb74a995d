using ChaosDrill.Actions.Clusters;
using ChaosDrill.Actions.Faults.Nodes;
using ChaosDrill.Actions.Programs;
using ChaosDrill.Actions.Undos;
using ChaosDrill.Actions.Workloads;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Plans;

namespace ChaosDrill.Actions.Faults.NodeFailure;

/// <summary>Stops kubelets; the effect counts from the stop, and is proved when the cluster has noticed it.</summary>
internal sealed class NodeFailureFault(KubernetesClient client, string ns, NodeFailure options, PodFeed feed) : IFault
{
    /// <summary>How long after a node the cluster may take to give up its pods. A real one does so in a tenth of a second.</summary>
    private static readonly TimeSpan PodsLimit = TimeSpan.FromSeconds(30);

    public IReadOnlyList<AccessNeed> Needs =>
    [
        .. NodeChoice.Needs("stop", options.Node),
        new("list", "", "pods", ns, "tell which pods are lost with their nodes"),
    ];

    public TimeSpan? MaxDuration => options.MaxDuration;

    public Task<FaultPlan> PlanAsync(Random random, CancellationToken cancellationToken) => ClusterFailure.Translate(async () =>
    {
        var choice = await NodeChoice.ReadAsync(client, options.Node, options.Selector, cancellationToken);
        return new FaultPlan(
            $"stop the kubelet of {string.Join(", ", choice.Chosen.Select(n => n.Metadata.Name))}",
            [.. choice.Chosen.Select(NodeChoice.TargetOf)],
            choice.Total,
            "start the kubelets again",
            [.. choice.Refusals(options.Node, options.Selector), .. choice.Chosen.SelectMany(Refusals)]);
    });

    public Task InjectAsync(FaultPlan plan, IFaultReport report, CancellationToken cancellationToken) => ClusterFailure.Translate(() =>
        Task.WhenAll(plan.Targets.Select(target => FailAsync(target, report, cancellationToken))));

    private async Task FailAsync(Target target, IFaultReport report, CancellationToken cancellationToken)
    {
        var there = await client.ListAsync(Resources.Pods, ns, new ListOptions { FieldSelector = $"spec.nodeName={target.Name}" }, cancellationToken);
        var given = new PodsGivenUp(there.Items.Where(p => p.IsReady && !p.IsTerminating));
        using var listening = feed.Listen(given.On);
        var (asked, stopped) = (false, (long?)null);
        var noticed = await Sighting.AroundAsync(
            client, Resources.Nodes, null, new WatchOptions { FieldSelector = $"metadata.name={target.Name}" },
            e =>
            {
                if (!asked || e.Object is not { IsReady: false } node)
                {
                    return false;
                }

                var ready = node.Status.Conditions.FirstOrDefault(c => c.Type == "Ready");
                report.TookEffect(target, $"Ready is {ready?.Status ?? "gone"} ({ready?.Reason})", stopped ?? e.ReceivedAt);
                return true;
            },
            async () =>
            {
                asked = true;
                await StopAsync(target, report, cancellationToken);
                stopped = client.Clock.GetTimestamp();
            },
            options.NoticedWithin, cancellationToken);
        if (noticed)
        {
            await given.WaitAsync(PodsLimit, client.Clock, cancellationToken);
        }
    }

    private async Task StopAsync(Target target, IFaultReport report, CancellationToken cancellationToken)
    {
        var place = new Place(Place.Nodes, null, target.Name, target.Uid);
        var undo = $"start the kubelet of node {target.Name}";
        if (KubeletReversal.IsOfTwin(await client.GetAsync(Resources.Nodes, null, target.Name, cancellationToken)))
        {
            await MarkedChange.MakeAsync(client, new KubeletReversal(place), KubeletReversal.UndoKind, undo, report, cancellationToken, target);
            return;
        }

        var stopped = new StoppedKubelet(place, new HostCommand(options.StartCommand).With("{node}", target.Name));
        await stopped.MarkAsync(client, report.RecordUndo(StoppedKubelet.UndoKind, undo, stopped.ToJson().ToJsonString()), cancellationToken);
        report.Requested(target);
        await new HostCommand(options.StopCommand).With("{node}", target.Name).RunAsync(StoppedKubelet.CommandLimit, client.Clock, cancellationToken);
        report.Acknowledged(target);
    }

    private IEnumerable<Refusal> Refusals(Node node)
    {
        if (!KubeletReversal.IsOfTwin(node) && options.StopCommand.Count == 0)
        {
            yield return new Refusal(
                RefusalKind.Guard, $"node {node.Metadata.Name} is no node of a twin, and nothing says how to stop its kubelet",
                "name the commands in the step: stopCommand: [PROGRAM, ARGUMENT, ...] and startCommand: [PROGRAM, ARGUMENT, ...]");
        }
        else if (!node.IsReady || KubeletReversal.IsStopped(node.Metadata))
        {
            yield return new Refusal(RefusalKind.Guard, $"node {node.Metadata.Name} is lost already", "bring it back first, or choose another node");
        }
    }
}
