using ChaosDrill.Actions.Clusters;
using ChaosDrill.Actions.Faults.Evictions;
using ChaosDrill.Actions.Faults.PodKill;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Plans;

namespace ChaosDrill.Actions.Faults.PodEvict;

/// <summary>Evicts pods, chosen as podKill chooses them.</summary>
internal sealed class PodEvictFault(KubernetesClient client, string ns, PodEvict options) : IFault
{
    public IReadOnlyList<AccessNeed> Needs =>
    [
        new("list", "", "pods", ns, "find the pods to evict"),
        new("watch", "", "pods", ns, "prove that pods are gone"),
        .. Eviction.Needs(ns, disableEviction: false),
    ];

    public Task<FaultPlan> PlanAsync(Random random, CancellationToken cancellationToken) => ClusterFailure.Translate(async () =>
    {
        var pods = await client.ListAsync(Resources.Pods, ns, new ListOptions { LabelSelector = options.Selector }, cancellationToken);
        var candidates = Victims.Candidates(pods.Items);
        var victims = Victims.Choose(candidates, options.Mode, options.Value, random);
        return new FaultPlan(
            $"evict {victims.Count} of {candidates.Count} pods with {options.Selector}",
            [.. victims.Select(p => new Target("Pod", ns, p.Metadata.Name!, p.Metadata.Uid!, p.Spec.NodeName is { } node ? $"on {node}" : null))],
            candidates.Count, "nothing to put back: the controllers of the pods replace them", [.. Refusals(candidates, victims)]);
    });

    public Task InjectAsync(FaultPlan plan, IFaultReport report, CancellationToken cancellationToken) => ClusterFailure.Translate(() =>
        new Eviction(client, new EvictionManner(options.GracePeriod, options.Timeout, DisableEviction: false), report)
            .RunAsync(plan.Targets, ns, new WatchOptions { LabelSelector = options.Selector }, cancellationToken));

    private IEnumerable<Refusal> Refusals(IReadOnlyList<Pod> candidates, IReadOnlyList<Pod> victims)
    {
        if (candidates.Count == 0)
        {
            yield return new Refusal(
                RefusalKind.NoTargets, $"no running pod in namespace {ns} matches {options.Selector}, so nothing could be learnt; nothing was touched",
                $"see what is there with: kubectl get pods -n {ns} --show-labels");
        }

        foreach (var orphan in victims.Where(v => v.Metadata.Controller is null))
        {
            yield return new Refusal(
                RefusalKind.Guard, $"pod {ns}/{orphan.Metadata.Name} declares no controller; nothing would bring it back",
                "narrow the selector to pods of a deployment, stateful set or the like");
        }
    }
}
