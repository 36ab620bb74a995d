using ChaosDrill.Engine.Ports;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Engine.Planning;

/// <summary>Limits on the blast radius: pure questions with an answer, a reason and a mend.</summary>
public static class Guards
{
    /// <summary>Whether the scenario may touch its namespace, now, on this cluster.</summary>
    /// <param name="spec">The scenario.</param>
    /// <param name="cluster">The cluster at hand.</param>
    /// <param name="now">The drill's clock.</param>
    public static IEnumerable<GuardCheck> OnDrill(ScenarioSpec spec, ClusterIdentity cluster, DateTimeOffset now)
    {
        yield return OnNamespace(spec);
        foreach (var check in OnCluster(spec, cluster))
        {
            yield return check;
        }

        if (TimeGuard.Check(spec.Guards, now) is { } time)
        {
            yield return time;
        }
    }

    /// <summary>Whether the cluster is the one that the scenario is made for, by its uid.</summary>
    /// <param name="guards">The guards; they name a uid.</param>
    /// <param name="uid">Uid of its namespace kube-system.</param>
    public static GuardCheck OnClusterUid(GuardsSpec guards, string? uid) => GuardCheck.Of(
        "cluster.uid", guards.Cluster!.Uid!, uid ?? "no namespace kube-system", guards.Cluster.Uid == uid,
        $"the scenario is made for the cluster whose kube-system has uid {guards.Cluster.Uid}; this one has {uid ?? "no such namespace"}",
        "name the right cluster with --context, or change spec.guards.cluster.uid");

    /// <summary>Whether a step stays within the limits.</summary>
    /// <param name="spec">The scenario.</param>
    /// <param name="step">Name of the step.</param>
    /// <param name="plan">What it would touch.</param>
    /// <param name="around">All running pods of the namespaces that it takes pods from; empty unless a guard counts them.</param>
    public static IEnumerable<GuardCheck> OnStep(ScenarioSpec spec, string step, FaultPlan plan, IReadOnlyList<Touched> around)
    {
        var guards = spec.Guards;
        var pods = PodsOf(plan);
        var nodes = plan.Touches.Count(t => t.Object.Kind == "Node");
        if (guards.MaxAffected is { } most && plan.Targets.Count > 0)
        {
            var affected = $"{plan.Hits} of {plan.Candidates} {Noun(plan)}";
            yield return GuardCheck.Of(
                "maxAffected", Limit(most, plan.Candidates), affected, plan.Hits <= most.LimitOf(plan.Candidates),
                $"\"{step}\" would affect {affected}; guards.maxAffected allows {most}, which is {most.LimitOf(plan.Candidates)} of {plan.Candidates}",
                "choose fewer targets, or raise spec.guards.maxAffected");
        }

        if (guards.MaxPods is { } mostPods && plan.Touches.Count > 0)
        {
            yield return GuardCheck.Of(
                "maxPods", $"{mostPods}", $"{pods.Count}", pods.Count <= mostPods,
                $"\"{step}\" would take away {pods.Count} pods; guards.maxPods allows {mostPods}", "choose fewer targets, or raise spec.guards.maxPods");
        }

        if (guards.MaxNodes is { } mostNodes && nodes > 0)
        {
            yield return GuardCheck.Of(
                "maxNodes", Limit(mostNodes, plan.Candidates), $"{nodes} of {plan.Candidates}", nodes <= mostNodes.LimitOf(plan.Candidates),
                $"\"{step}\" would touch {nodes} of {plan.Candidates} nodes; guards.maxNodes allows {mostNodes}, which is {mostNodes.LimitOf(plan.Candidates)}",
                "choose fewer nodes, or raise spec.guards.maxNodes");
        }

        foreach (var check in OnShares(guards, step, pods, around).Concat(OnReplicas(guards, step, pods, around)))
        {
            yield return check;
        }

        if (OnForeign(spec, step, plan.Touches) is { } foreign)
        {
            yield return foreign;
        }

        if (guards.Labels.Count > 0 && plan.Touches.Any(t => !t.IsNew))
        {
            yield return OnLabels(guards, step, plan);
        }
    }

    /// <summary>The pods that a fault takes away; those of its nodes themselves go and come with them.</summary>
    public static IReadOnlyList<Touched> PodsOf(FaultPlan plan) => [.. plan.Touches.Where(t => t is { Object.Kind: "Pod", IsOfNode: false, Stays: false })];

    /// <summary>Namespaces whose pods have to be counted for the guards.</summary>
    public static IReadOnlyList<string> Counted(GuardsSpec guards, FaultPlan plan) => guards is { MaxOfNamespace: null, MinReplicas: null }
        ? []
        : [.. PodsOf(plan).Select(p => p.Object.Namespace!).Distinct()];

    /// <summary>The guards that do not hold, as refusals.</summary>
    public static IEnumerable<Refusal> Refusals(IEnumerable<GuardCheck> checks, SourcePosition? source = null) =>
        checks.Where(c => !c.Holds).Select(c => new Refusal(RefusalKind.Guard, c.Message!, c.Mend!, source));

    /// <summary>Whether a whole cluster may hang on a namespace: kube-system and its like.</summary>
    public static bool IsProtected(string ns) =>
        ns.StartsWith("kube-", StringComparison.Ordinal) || ns.StartsWith("openshift-", StringComparison.Ordinal) || ns.EndsWith("-system", StringComparison.Ordinal);

    private static GuardCheck OnNamespace(ScenarioSpec spec)
    {
        var ns = spec.Cluster.Namespace;
        var allowed = spec.Guards.Namespaces;
        return allowed.Count > 0
            ? GuardCheck.Of(
                "namespaces", string.Join(", ", allowed), ns, allowed.Contains(ns), $"namespace {ns} is not among the allowed ones: {string.Join(", ", allowed)}",
                "add it to spec.guards.namespaces, or name another in spec.cluster.namespace")
            : GuardCheck.Of(
                "namespaces", "none that is protected", ns, !IsProtected(ns), $"namespace {ns} is protected", $"if it is really meant, name it: spec.guards.namespaces: [{ns}]");
    }

    private static IEnumerable<GuardCheck> OnCluster(ScenarioSpec spec, ClusterIdentity cluster)
    {
        // A rehearsal on the embedded cluster is neither staging nor production.
        if (cluster.IsTwin)
        {
            yield break;
        }

        IReadOnlyList<string> contexts = spec.Guards.Cluster is { Contexts: { Count: > 0 } named } ? named : spec.Cluster.Context is { } own ? [own] : [];
        if (contexts.Count > 0)
        {
            yield return GuardCheck.Of(
                "cluster.contexts", string.Join(", ", contexts), cluster.Name, contexts.Contains(cluster.Name),
                $"the scenario is made for {string.Join(", ", contexts)} and refuses {cluster.Name}", "name the right cluster with --context, or add this one to spec.guards.cluster.contexts");
        }

        if (spec.Guards.Cluster?.Server is { } server)
        {
            yield return GuardCheck.Of(
                "cluster.server", server, cluster.Server, server.TrimEnd('/') == cluster.Server.TrimEnd('/'),
                $"the scenario is made for the API server {server} and refuses {cluster.Server}", "name the right cluster with --context, or change spec.guards.cluster.server");
        }
    }

    private static IEnumerable<GuardCheck> OnShares(GuardsSpec guards, string step, IReadOnlyList<Touched> pods, IReadOnlyList<Touched> around)
    {
        if (guards.MaxOfNamespace is not { } share)
        {
            yield break;
        }

        foreach (var there in pods.GroupBy(p => p.Object.Namespace))
        {
            var total = around.Count(p => p.Object.Namespace == there.Key);
            var limit = new Amount(null, share).LimitOf(total);
            yield return GuardCheck.Of(
                "maxOfNamespace", $"{share} ({limit} of {total})", $"{there.Count()} of {total} in {there.Key}", there.Count() <= limit,
                $"\"{step}\" would take away {there.Count()} of {total} pods of namespace {there.Key}; guards.maxOfNamespace allows {share}, which is {limit}",
                "choose fewer targets, or raise spec.guards.maxOfNamespace");
        }
    }

    private static IEnumerable<GuardCheck> OnReplicas(GuardsSpec guards, string step, IReadOnlyList<Touched> pods, IReadOnlyList<Touched> around)
    {
        if (guards.MinReplicas is not { } least)
        {
            yield break;
        }

        foreach (var owned in pods.Where(p => p.Owner is not null).GroupBy(p => p.Owner))
        {
            var ready = around.Count(p => p.Owner == owned.Key && p.IsReady);
            var left = ready - owned.Count(p => p.IsReady);
            yield return GuardCheck.Of(
                "minReplicas", $"{least}", $"{left} of {ready} of {owned.Key}", left >= least,
                $"\"{step}\" would leave {left} of {ready} ready pods of {owned.Key}; guards.minReplicas demands {least}",
                "choose fewer targets, scale the workload up, or lower spec.guards.minReplicas");
        }
    }

    /// <summary>What is touched in other namespaces than the scenario's. A node's own pods go and come with it and stand for nothing here.</summary>
    private static GuardCheck? OnForeign(ScenarioSpec spec, string step, IReadOnlyList<Touched> touches)
    {
        var home = spec.Cluster.Namespace;
        if (spec.Guards.Namespaces.Count > 0 && touches.FirstOrDefault(t => t.Place is null && t.Object.Kind is not ("Node" or "ControlPlane")) is { } wide)
        {
            return new GuardCheck(
                "namespaces", string.Join(", ", spec.Guards.Namespaces), $"{wide.Object}", Holds: false,
                $"\"{step}\" would touch {wide.Object}, which is of the whole cluster; guards.namespaces allows only {string.Join(", ", spec.Guards.Namespaces)}",
                "take the step out, or guards.namespaces");
        }

        var foreign = touches.Where(t => !t.IsOfNode && t.Place is { } ns && ns != home).ToList();
        if (foreign.Count == 0)
        {
            return null;
        }

        var allowed = spec.Guards.Namespaces;
        var bad = foreign.Where(p => allowed.Count > 0 ? !allowed.Contains(p.Place!) : IsProtected(p.Place!)).ToList();
        var named = bad.Select(p => p.Place!).Distinct().ToList();
        return GuardCheck.Of(
            "namespaces", allowed.Count > 0 ? string.Join(", ", allowed) : "none that is protected", string.Join(", ", foreign.Select(p => p.Place).Distinct()), bad.Count == 0,
            bad.Count == 0 ? "" : $"\"{step}\" would also {(bad[0] is { Object.Kind: "Pod", Stays: false } ? "take away" : "touch")} {bad[0].Object}{(bad.Count > 1 ? $" and {bad.Count - 1} more" : "")}, and {string.Join(", ", named)} {(allowed.Count > 0 ? "is not allowed" : "is protected")}",
            $"if that is really meant, name it: spec.guards.namespaces: [{string.Join(", ", named.Concat(allowed).Append(home).Distinct())}]");
    }

    private static GuardCheck OnLabels(GuardsSpec guards, string step, FaultPlan plan)
    {
        var wanted = string.Join(",", guards.Labels.Select(l => $"{l.Key}={l.Value}"));
        var bare = plan.Touches.Where(t => t is { IsOfNode: false, IsNew: false } && !guards.Labels.All(l => t.Labels?.GetValueOrDefault(l.Key) == l.Value)).ToList();
        var first = bare.FirstOrDefault();
        return GuardCheck.Of(
            "labels", wanted, bare.Count == 0 ? "all carry them" : $"{bare.Count} of {plan.Touches.Count} do not", bare.Count == 0,
            $"\"{step}\" would touch {first?.Object}{(bare.Count > 1 ? $" and {bare.Count - 1} more" : "")}, {(first?.Labels is null ? "of whose labels nothing is known" : "which does not carry the labels")} that guards.labels demands: {wanted}",
            $"label what may be broken: kubectl label {first?.Object.Kind.ToLowerInvariant()} {first?.Object.Name} {wanted.Replace(',', ' ')}{(first?.Object.Namespace is { } ns ? $" -n {ns}" : "")}");
    }

    private static string Noun(FaultPlan plan) => plan.Hits != plan.Targets.Count ? "pods" : plan.Targets.Select(t => t.Kind).Distinct().ToList() switch
    {
        ["Pod"] => "pods",
        ["Node"] => "nodes",
        ["EtcdMember"] => "members of etcd",
        [var kind] => $"objects of kind {kind}",
        _ => "objects",
    };

    private static string Limit(Amount most, int total) => most.Share is null ? $"{most}" : $"{most} ({most.LimitOf(total)} of {total})";
}
