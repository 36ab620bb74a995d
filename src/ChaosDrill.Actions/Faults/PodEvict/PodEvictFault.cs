using ChaosDrill.Actions.Clusters;
using ChaosDrill.Actions.Faults.Evictions;
using ChaosDrill.Actions.Faults.Pods;
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
        var choice = await PodChoice.ReadAsync(client, ns, options.Selector, options.Mode, options.Value, random, cancellationToken);
        return new FaultPlan(
            $"evict {choice.Victims.Count} of {choice.Candidates.Count} pods with {options.Selector}",
            choice.Targets,
            choice.Candidates.Count, "nothing to put back: the controllers of the pods replace them", [.. choice.NoTargets(), .. choice.Orphans()])
        {
            Touches = choice.Touches,
            Budgets = BudgetSay.Asked,
        };
    });

    public Task InjectAsync(FaultPlan plan, IFaultReport report, CancellationToken cancellationToken) => ClusterFailure.Translate(() =>
        new Eviction(client, new EvictionManner(options.GracePeriod, options.Timeout, DisableEviction: false), report)
            .RunAsync(evict => evict(plan.Targets), ns, new WatchOptions { LabelSelector = options.Selector }, cancellationToken));
}
