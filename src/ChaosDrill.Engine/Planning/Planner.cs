using ChaosDrill.Engine.Ports;
using ChaosDrill.Model;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Engine.Planning;

/// <summary>Resolves a scenario against a cluster into a plan, without touching anything.</summary>
public static class Planner
{
    /// <summary>Every cluster has this namespace, with a uid of its own.</summary>
    private const string SystemNamespace = "kube-system";

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
        var guards = Guards.OnDrill(spec, identity, cluster.Clock.GetUtcNow()).ToList();
        var access = await cluster.ReviewAccessAsync(await NeedsAsync(scenario, cluster, cancellationToken), cancellationToken);
        List<Refusal> refusals = [.. Guards.Refusals(guards), .. AccessRules.Missing(access)];
        if (refusals.Count == 0 && ClusterUid(spec, identity) is not null)
        {
            guards.Add(Guards.OnClusterUid(spec.Guards, await cluster.FindNamespaceAsync(SystemNamespace, cancellationToken)));
            refusals.AddRange(Guards.Refusals(guards));
        }

        var steps = new List<PlannedStep>();
        var ledger = spec.Ledger is { } wanted ? cluster.LedgerFor(wanted, ns) : null;
        string? home = null;
        if (refusals.Count == 0 && (home = await FindAsync(scenario, cluster, identity, refusals, cancellationToken)) is not null)
        {
            for (var index = 0; index < spec.Steps.Count; index++)
            {
                steps.Add(await PlanStepAsync(scenario, index, cluster, ns, seed, refusals, cancellationToken));
            }

            refusals.AddRange(ledger is null ? [] : await ledger.CheckAsync(cancellationToken));
        }

        if (refusals.Count == 0 && cluster.MonitoringFor(scenario) is { } monitoring)
        {
            refusals.AddRange(await monitoring.CheckAsync(cancellationToken));
        }

        return new Plan
        {
            Scenario = scenario.Metadata.Name,
            ScenarioDigest = scenario.Origin.Digest,
            ScenarioFile = scenario.Origin.File,
            Cluster = identity,
            Namespace = ns,
            NamespaceUid = home,
            Seed = seed,
            Repeat = spec.Repeat,
            Steps = steps,
            Ledger = ledger is null ? null : $"an entry every {GoDuration.Format(spec.Ledger!.Every)} {ledger.Summary}; undo: {ledger.WayBack.Description}",
            Guards = guards,
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

    /// <summary>Checks a step against its guards, with the counts that they need.</summary>
    public static async Task<IReadOnlyList<GuardCheck>> CheckAsync(
        ScenarioSpec spec, string step, FaultPlan plan, ICluster cluster, CancellationToken cancellationToken)
    {
        var around = new List<Touched>();
        foreach (var ns in Guards.Counted(spec.Guards, plan))
        {
            around.AddRange(await cluster.ReadPodsAsync(ns, cancellationToken));
        }

        return [.. Guards.OnStep(spec, step, plan, around)];
    }

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
        var isLost = false;
        foreach (var step in spec.Steps)
        {
            if (cluster.FaultFor(step.Action, ns) is { } fault)
            {
                isLost |= fault.LosesNamespace;
                needs.AddRange(await fault.NeedsAsync(cancellationToken));
            }
            else if (cluster.ActivityFor(step.Action, ns) is { } activity)
            {
                needs.AddRange(await activity.NeedsAsync(cancellationToken));
            }
        }

        needs.AddRange(spec.Probes.SelectMany(p => cluster.ProbeFor(p, scenario).Needs));
        needs.AddRange(cluster.MonitoringFor(scenario)?.Needs ?? []);
        needs.AddRange(spec.Ledger is { } ledger ? cluster.LedgerFor(ledger, ns).Needs : []);
        needs.AddRange(cluster.NeedsToLook(ns, Workloads(spec)));
        needs.AddRange(cluster.LocksFor(scenario, "").SelectMany(l => l.Needs));
        if (spec.Guards.Cluster?.Uid is not null)
        {
            needs.Add(new AccessNeed("get", "", "namespaces", SystemNamespace, "tell the cluster by its uid", SystemNamespace));
        }

        return AccessRules.Fewest(isLost ? [.. needs.Select(n => n.Context is null && n.Namespace == ns ? n with { Namespace = null } : n)] : needs);
    }

    private static string? ClusterUid(ScenarioSpec spec, ClusterIdentity identity) => identity.IsTwin ? null : spec.Guards.Cluster?.Uid;

    /// <summary>Looks for the namespace and the workloads.</summary>
    /// <returns>Uid of the namespace; null when something is missing.</returns>
    private static async Task<string?> FindAsync(
        Scenario scenario, ICluster cluster, ClusterIdentity identity, List<Refusal> refusals, CancellationToken cancellationToken)
    {
        var spec = scenario.Spec;
        var ns = spec.Cluster.Namespace;
        if (await cluster.FindNamespaceAsync(ns, cancellationToken) is not { } uid)
        {
            refusals.Add(new Refusal(
                RefusalKind.Missing,
                $"namespace \"{ns}\" does not exist in cluster {identity.Name}, or is being deleted",
                identity.IsTwin
                    ? "create it with a manifest named in spec.twin.manifests, or name another in spec.cluster.namespace"
                    : $"name another in spec.cluster.namespace, or another cluster with --context; why one does not go says: kubectl get namespace {ns} -o jsonpath='{{.status.conditions}}'"));
            return null;
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

        return refusals.Count == 0 ? uid : null;
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
            var guards = await CheckAsync(scenario.Spec, name, plan, cluster, cancellationToken);
            refusals.AddRange(plan.Refusals.Concat(Guards.Refusals(guards)).Select(r => r with { Source = r.Source ?? step.Source }));
            var forecasts = plan.Refusals.Count == 0 && Guards.PodsOf(plan).Count > 0 ? await cluster.ForecastAsync(plan, cancellationToken) : [];
            refusals.AddRange(forecasts.Where(f => f.Outlook == Outlook.Impossible).Select(f => new Refusal(RefusalKind.Guard, $"\"{name}\" can never be done: {f.Message}", f.Mend ?? "", step.Source)));
            return planned with
            {
                Summary = plan.Summary,
                Targets = plan.Targets,
                Affected = [.. Guards.PodsOf(plan).Select(p => p.Object).Except(plan.Targets)],
                Candidates = plan.Candidates,
                Undo = plan.Undo,
                Guards = guards,
                Forecasts = forecasts,
            };
        }

        if (cluster.ActivityFor(step.Action, ns) is { } activity)
        {
            var plan = await activity.PlanAsync(random, cancellationToken);
            var guards = await CheckAsync(scenario.Spec, name, plan.Blast, cluster, cancellationToken);
            refusals.AddRange(plan.Refusals.Concat(Guards.Refusals(guards)).Select(r => r with { Source = r.Source ?? step.Source }));
            return planned with { Summary = plan.Summary, Targets = plan.Targets, Candidates = Math.Max(plan.Candidates, plan.Targets.Count), Undo = plan.Undo, Guards = guards };
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
