using ChaosDrill.Engine.Ports;
using ChaosDrill.Model;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Engine.Planning;

/// <summary>Resolves a scenario against a cluster into a plan, without touching anything.</summary>
public static class Planner
{
    /// <summary>Resolves every step: targets, rights, limits, undo. What stands in the way is in the plan's refusals.</summary>
    /// <param name="scenario">A scenario that was read without errors.</param>
    /// <param name="cluster">The cluster to look at.</param>
    /// <param name="seed">Seed of the choice of targets.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public static async Task<Plan> PlanAsync(Scenario scenario, ICluster cluster, int seed, CancellationToken cancellationToken)
    {
        var spec = scenario.Spec;
        var ns = spec.Cluster.Namespace;
        var identity = await cluster.IdentifyAsync(cancellationToken);
        var refusals = new List<Refusal>(Guards.OnNamespaces(spec));
        var access = await cluster.ReviewAccessAsync(await NeedsAsync(scenario, cluster, cancellationToken), cancellationToken);
        refusals.AddRange(AccessRules.Missing(access));

        var steps = new List<PlannedStep>();
        if (refusals.Count == 0 && await ExistsAsync(scenario, cluster, identity, refusals, cancellationToken))
        {
            for (var index = 0; index < spec.Steps.Count; index++)
            {
                steps.Add(await PlanStepAsync(scenario, index, cluster, ns, seed, refusals, cancellationToken));
            }
        }

        return new Plan
        {
            Scenario = scenario.Metadata.Name,
            ScenarioDigest = scenario.Origin.Digest,
            Cluster = identity,
            Namespace = ns,
            Seed = seed,
            Repeat = spec.Repeat,
            Steps = steps,
            Access = access,
            Refusals = refusals,
        };
    }

    /// <summary>The random source of one step in one repetition, so that adding a step does not change the choice of another.</summary>
    public static Random RandomFor(int seed, int iteration, int step) =>
        new(HashCode(seed, iteration, step));

    /// <summary>The workloads that a scenario says anything of; they are watched throughout the drill.</summary>
    public static IReadOnlyList<WorkloadReference> Workloads(ScenarioSpec spec) =>
    [
        .. spec.Steps.Select(s => s.Action).OfType<AwaitRecovery>().SelectMany(a => a.Of)
            .Concat(spec.SteadyState.Select(s => s.Subject))
            .Concat(spec.Objectives.Select(o => o.Goal).OfType<RecoveryTimeGoal>().Select(g => g.Of))
            .Where(w => !w.IsProbe)
            .Distinct(),
    ];

    // System.HashCode is seeded anew in every process; a plan must choose the same targets tomorrow.
    private static int HashCode(int seed, int iteration, int step)
    {
        unchecked
        {
            var hash = (uint)seed * 2654435761u;
            hash = (hash ^ (uint)iteration) * 2246822519u;
            hash = (hash ^ (uint)step) * 3266489917u;
            return (int)(hash ^ (hash >> 15));
        }
    }

    /// <summary>Every right that drills of a scenario need, each once, and none that another one covers.</summary>
    public static async Task<IReadOnlyList<AccessNeed>> NeedsAsync(Scenario scenario, ICluster cluster, CancellationToken cancellationToken)
    {
        var spec = scenario.Spec;
        var ns = spec.Cluster.Namespace;
        var needs = new List<AccessNeed>();
        foreach (var step in spec.Steps)
        {
            if (cluster.FaultFor(step.Action, ns) is { } fault)
            {
                needs.AddRange(await fault.NeedsAsync(cancellationToken));
            }
            else if (cluster.ActivityFor(step.Action, ns) is { } activity)
            {
                needs.AddRange(await activity.NeedsAsync(cancellationToken));
            }
        }

        needs.AddRange(spec.Probes.SelectMany(p => cluster.ProbeFor(p, ns).Needs));
        needs.AddRange(cluster.NeedsToLook(ns, Workloads(spec)));
        needs.AddRange(cluster.LockFor(ns, "").Needs);
        return AccessRules.Fewest(needs);
    }

    private static async Task<bool> ExistsAsync(
        Scenario scenario, ICluster cluster, ClusterIdentity identity, List<Refusal> refusals, CancellationToken cancellationToken)
    {
        var spec = scenario.Spec;
        var ns = spec.Cluster.Namespace;
        if (!await cluster.NamespaceExistsAsync(ns, cancellationToken))
        {
            refusals.Add(new Refusal(
                RefusalKind.Missing,
                $"namespace \"{ns}\" does not exist in cluster {identity.Name}",
                identity.IsTwin
                    ? "create it with a manifest named in spec.twin.manifests, or name another in spec.cluster.namespace"
                    : "name another in spec.cluster.namespace, or another cluster with --context"));
            return false;
        }

        foreach (var workload in Workloads(spec))
        {
            switch (await cluster.FindWorkloadAsync(ns, workload, cancellationToken))
            {
                case null:
                    refusals.Add(new Refusal(
                        RefusalKind.Missing, $"{workload} does not exist in namespace {ns}",
                        $"correct the name where the scenario refers to {workload}"));
                    break;
                case 0:
                    refusals.Add(new Refusal(
                        RefusalKind.Missing, $"{workload} is scaled to 0, so it would always count as recovered",
                        "scale it up, or take it out of the scenario"));
                    break;
            }
        }

        return refusals.Count == 0;
    }

    private static async Task<PlannedStep> PlanStepAsync(
        Scenario scenario, int index, ICluster cluster, string ns, int seed, List<Refusal> refusals, CancellationToken cancellationToken)
    {
        var step = scenario.Spec.Steps[index];
        var name = step.Name ?? step.Action.Kind;
        var planned = new PlannedStep { Index = index, Name = name, Kind = step.Action.Kind, Summary = Summary(step.Action) };
        var random = RandomFor(seed, iteration: 1, index);
        if (cluster.FaultFor(step.Action, ns) is { } fault)
        {
            var plan = await fault.PlanAsync(random, cancellationToken);
            refusals.AddRange(plan.Refusals.Concat(Guards.OnFault(scenario.Spec.Guards, name, plan)).Select(r => r with { Source = r.Source ?? step.Source }));
            return planned with { Summary = plan.Summary, Targets = plan.Targets, Candidates = plan.Candidates, Undo = plan.Undo };
        }

        if (cluster.ActivityFor(step.Action, ns) is { } activity)
        {
            var plan = await activity.PlanAsync(random, cancellationToken);
            refusals.AddRange(plan.Refusals.Select(r => r with { Source = r.Source ?? step.Source }));
            return planned with { Summary = plan.Summary, Targets = plan.Targets, Candidates = plan.Targets.Count, Undo = plan.Undo };
        }

        return planned;
    }

    private static string Summary(StepAction action) => action switch
    {
        AwaitRecovery await => $"wait until {string.Join(", ", await.Of)} held for {GoDuration.Format(await.StableFor)}, at most {GoDuration.Format(await.Timeout)}",
        Undo undo => $"put back what \"{undo.Step}\" changed",
        Wait wait => $"wait {GoDuration.Format(wait.For)}",
        _ => action.Kind,
    };
}
