using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Plans;

namespace ChaosDrill.Actions.Preflight;

/// <summary>
/// What disruption budgets would make of all pods of a fault together. Each pod alone may pass where all of them do not, and
/// dry-run evictions ask for one at a time. Pure functions of what the budgets' status says.
/// </summary>
internal static class BudgetForecast
{
    private const string Topic = "budget";

    /// <summary>Judges the budgets that cover at least one of the pods.</summary>
    /// <param name="pods">The pods that go.</param>
    /// <param name="budgets">All budgets of their namespaces.</param>
    /// <param name="asked">Whether they are asked, as evictions ask; otherwise the pods go past them.</param>
    public static IEnumerable<Forecast> Of(IReadOnlyList<Touched> pods, IReadOnlyList<PodDisruptionBudget> budgets, bool asked)
    {
        var covered = pods.Select(p => (Pod: p, Budgets: budgets.Where(b => Covers(b, p)).ToList())).Where(c => c.Budgets.Count > 0).ToList();
        foreach (var (pod, several) in covered.Where(c => asked && c.Budgets.Count > 1))
        {
            yield return new Forecast(
                Topic, Outlook.Impossible,
                $"{pod.Object} has {several.Count} disruption budgets ({string.Join(", ", several.Select(b => b.Metadata.Name))}); evictions of such a pod are answered with 500",
                "leave the pod one budget, or take pods past their budgets (nodeDrain: disableEviction: true)");
        }

        foreach (var budget in covered.SelectMany(c => c.Budgets).Distinct())
        {
            List<Touched> going = [.. covered.Where(c => c.Budgets.Contains(budget) && (!asked || c.Budgets.Count == 1)).Select(c => c.Pod)];
            if (going.Count > 0)
            {
                yield return budget.Status.ObservedGeneration < budget.Metadata.Generation
                    ? new Forecast(Topic, Outlook.Unknown, $"budget {Name(budget)} is still being processed by the server; look again in a moment")
                    : asked ? Asked(budget, going) : Passed(budget, going);
            }
        }
    }

    private static Forecast Passed(PodDisruptionBudget budget, List<Touched> going)
    {
        var status = budget.Status;
        var left = status.CurrentHealthy - going.Count(p => p.IsReady);
        return left < status.DesiredHealthy
            ? new Forecast(Topic, Outlook.Warning, $"goes past budget {Name(budget)}: it leaves {left} healthy pods of the {status.DesiredHealthy} that are demanded")
            : new Forecast(Topic, Outlook.Fine, $"stays within budget {Name(budget)}: it leaves {left} healthy pods, {status.DesiredHealthy} are demanded");
    }

    private static Forecast Asked(PodDisruptionBudget budget, List<Touched> going)
    {
        var status = budget.Status;
        var healthy = going.Count(p => p.IsReady);
        if (healthy == 0)
        {
            // Source: kubernetes/kubernetes registry/core/pod/storage, eviction.go: pods that are not ready.
            return budget.Spec.UnhealthyPodEvictionPolicy == "AlwaysAllow" || (status.DesiredHealthy > 0 && status.CurrentHealthy >= status.DesiredHealthy)
                ? new Forecast(Topic, Outlook.Fine, $"budget {Name(budget)} lets pods go that are not ready")
                : new Forecast(Topic, Outlook.Warning, $"budget {Name(budget)} keeps pods that are not ready while {status.CurrentHealthy} of {status.DesiredHealthy} demanded pods are healthy");
        }

        if (status.DisruptionsAllowed >= healthy)
        {
            return new Forecast(Topic, Outlook.Fine, $"budget {Name(budget)} lets all {healthy} go at once ({status.DisruptionsAllowed} allowed)");
        }

        if (status.Conditions.FirstOrDefault(c => c is { Type: "DisruptionAllowed", Reason: "SyncFailed" }) is { } failed)
        {
            return Never($"budget {Name(budget)} cannot be computed by the server and lets none go: {failed.Message}");
        }

        // With every pod healthy there would still be none to spare.
        if (status.DesiredHealthy >= status.ExpectedPods)
        {
            return Never($"budget {Name(budget)} demands {status.DesiredHealthy} of {status.ExpectedPods} pods and so never lets one go");
        }

        return status.DisruptionsAllowed == 0
            ? new Forecast(
                Topic, Outlook.Warning,
                $"budget {Name(budget)} lets none go now: {status.CurrentHealthy} pods are healthy and {status.DesiredHealthy} are demanded; the fault waits for more, up to its timeout")
            : new Forecast(
                Topic, Outlook.Warning,
                $"budget {Name(budget)} lets {status.DisruptionsAllowed} of {healthy} go at once; the others follow as replacements get ready");

        static Forecast Never(string message) => new(
            Topic, Outlook.Impossible, message, "give the budget room (maxUnavailable: 1), scale the workload up, or take pods past their budgets (nodeDrain: disableEviction: true)");
    }

    private static bool Covers(PodDisruptionBudget budget, Touched pod) =>
        budget.Metadata.Namespace == pod.Object.Namespace && budget.Spec.Selector is { } selector && pod.Labels is { } labels && selector.Matches(labels);

    private static string Name(PodDisruptionBudget budget) => $"{budget.Metadata.Namespace}/{budget.Metadata.Name}";
}
