using ChaosDrill.Actions.Faults.Pods;
using ChaosDrill.Engine.Planning;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Plans;

namespace ChaosDrill.Actions.Preflight;

/// <summary>Asks the cluster what a fault would meet: budgets by their own arithmetic and by dry-run evictions, and the room on other nodes.</summary>
internal static class Forecaster
{
    /// <summary>More dry runs than this tell nothing new and cost the server.</summary>
    private const int MostDryRuns = 200;

    /// <summary>The right to read budgets, which every fault needs that says what it has to do with them.</summary>
    public static AccessNeed BudgetNeed(string? ns) => new("list", "policy", "poddisruptionbudgets", ns, "see what disruption budgets would make of it");

    /// <summary>Everything that can be told beforehand.</summary>
    public static async Task<IReadOnlyList<Forecast>> ForecastAsync(KubernetesClient client, FaultPlan plan, CancellationToken cancellationToken)
    {
        var pods = Guards.PodsOf(plan);
        var nodes = plan.Touches.Where(t => t.Object.Kind == "Node").Select(t => t.Object.Name).ToHashSet();
        var ns = nodes.Count > 0 ? null : pods[0].Object.Namespace;
        var found = new List<Forecast>();
        if (plan.Budgets != BudgetSay.None)
        {
            var budgets = (await client.ListAsync(Resources.PodDisruptionBudgets, ns, null, cancellationToken)).Items;
            found.AddRange(BudgetForecast.Of(pods, budgets, plan.Budgets == BudgetSay.Asked));
        }

        if (plan.Budgets == BudgetSay.Asked)
        {
            found.AddRange(await DryRunAsync(client, pods, cancellationToken));
        }

        if (nodes.Count > 0)
        {
            // A pod that is taken by itself leaves its room behind; one that loses its node does not.
            var all = Victims.Candidates((await client.ListAsync(Resources.Pods, null, null, cancellationToken)).Items);
            var others = (await client.ListAsync(Resources.Nodes, null, null, cancellationToken)).Items.Where(n => !nodes.Contains(n.Metadata.Name!)).ToList();
            var going = pods.Where(p => p.Owner is not null).Select(p => p.Object.Uid).ToHashSet();
            found.AddRange(CapacityForecast.Of([.. all.Where(p => going.Contains(p.Metadata.Uid!))], others, [.. all.Where(p => p.Spec.NodeName is not null)]));
        }

        return found;
    }

    private static async Task<IEnumerable<Forecast>> DryRunAsync(KubernetesClient client, IReadOnlyList<Touched> pods, CancellationToken cancellationToken)
    {
        var asked = pods.Take(MostDryRuns).ToList();
        var answers = await Task.WhenAll(asked.Select(pod => DryRunAsync(client, pod.Object, cancellationToken)));
        var refused = answers.OfType<string>().ToList();
        var scope = asked.Count < pods.Count ? $"the first {asked.Count} of {pods.Count}" : $"{asked.Count}";
        return refused.Count == 0
            ? [new Forecast("eviction", Outlook.Fine, $"dry-run evictions of {scope} pod{(asked.Count == 1 ? "" : "s")}, each by itself, are accepted")]
            : refused.Select(r => new Forecast("eviction", Outlook.Warning, r));
    }

    private static async Task<string?> DryRunAsync(KubernetesClient client, Target pod, CancellationToken cancellationToken)
    {
        try
        {
            await client.EvictAsync(pod.Namespace!, pod.Name, new EvictionOptions { DryRun = true, PreconditionUid = pod.Uid }, cancellationToken);
            return null;
        }
        catch (ApiException e) when (e.IsTooManyRequests || e.Code == 500)
        {
            var causes = string.Join(" ", e.Causes.Select(c => c.Message));
            return $"a dry-run eviction of {pod} is refused: {(causes.Length > 0 ? causes : e.Message)}";
        }
        catch (ApiException e) when (e.IsNotFound || e.IsConflict)
        {
            return null;
        }
    }
}
