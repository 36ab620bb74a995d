using ChaosDrill.Engine.Ports;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Engine.Planning;

/// <summary>Limits on the blast radius: pure questions with a reason and a mend.</summary>
public static class Guards
{
    /// <summary>Namespaces that are touched only when the scenario names them as allowed, because a whole cluster hangs on them.</summary>
    private static readonly string[] Protected = ["kube-system", "kube-public", "kube-node-lease"];

    /// <summary>Whether the scenario may touch its namespace.</summary>
    public static IEnumerable<Refusal> OnNamespaces(ScenarioSpec spec)
    {
        var ns = spec.Cluster.Namespace;
        var allowed = spec.Guards.Namespaces;
        if (allowed.Count > 0 && !allowed.Contains(ns))
        {
            yield return new Refusal(
                RefusalKind.Guard, $"namespace {ns} is not among the allowed ones: {string.Join(", ", allowed)}",
                "add it to spec.guards.namespaces, or name another in spec.cluster.namespace");
        }
        else if (allowed.Count == 0 && Protected.Contains(ns))
        {
            yield return new Refusal(
                RefusalKind.Guard, $"namespace {ns} is protected", $"if it is really meant, name it: spec.guards.namespaces: [{ns}]");
        }
    }

    /// <summary>Whether a fault stays within the limits.</summary>
    public static IEnumerable<Refusal> OnFault(GuardsSpec guards, string step, FaultPlan plan)
    {
        if (guards.MaxAffected is { } most && plan.Targets.Count > most.LimitOf(plan.Candidates))
        {
            yield return new Refusal(
                RefusalKind.Guard,
                $"\"{step}\" would affect {plan.Targets.Count} of {plan.Candidates} pods; guards.maxAffected allows {most}, which is {most.LimitOf(plan.Candidates)} of {plan.Candidates}",
                "choose fewer targets, or raise spec.guards.maxAffected");
        }
    }
}
