using ChaosDrill.Actions.Clusters;
using ChaosDrill.Engine.Planning;
using ChaosDrill.Model;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Reports;
using ChaosDrill.Reports.Documents;
using ChaosDrill.Reports.Playbooks;
using ChaosDrill.Reports.Templates;
using ChaosDrill.Store;
using ChaosDrill.Twin;

namespace ChaosDrill.Hosting;

/// <summary>Gathers what playbooks are made from, and compares them with those that lie in a folder.</summary>
/// <param name="folder">Where playbooks lie.</param>
/// <param name="templates">What they are made from.</param>
internal sealed class Playbooks(string folder, TemplateFolder templates)
{
    /// <summary>Older drills say little of today's cluster.</summary>
    private const int MostDrills = 100;

    /// <summary>A playbook as it would be written now, and the one that is there.</summary>
    /// <param name="Disaster">The disaster.</param>
    /// <param name="File">Path of the playbook.</param>
    /// <param name="Old">What is there; null when nothing is.</param>
    /// <param name="New">What would be written.</param>
    /// <param name="Drills">How many drills it rests on.</param>
    public sealed record Draft(string Disaster, string File, string? Old, string New, int Drills)
    {
        /// <summary>Why the one that is there must not simply be replaced; null when it may.</summary>
        public string? Protected => Old is null ? null
            : PlaybookSeal.Read(Old) is not { } seal ? "ChaosDrill did not write it"
            : seal.IsTouched(Old) ? "somebody changed it outside of the parts that are meant for that" : null;

        /// <summary>Why the one that is there is stale; empty when it is not.</summary>
        public IReadOnlyList<string> Stale
        {
            get
            {
                if (Old is null || PlaybookSeal.Read(Old) is not { } seal)
                {
                    return [Old is null ? "there is none yet" : Protected!];
                }

                var reasons = seal.StaleAgainst(PlaybookSeal.Read(New)!);
                return reasons.Count == 0 && Old != New ? [Protected ?? "this version of ChaosDrill would write it otherwise"] : reasons;
            }
        }
    }

    /// <summary>Makes the playbooks of some scenarios.</summary>
    /// <param name="files">Scenario files.</param>
    /// <param name="all">Also those of disasters that none of the scenarios is about.</param>
    /// <param name="choose">Which cluster names the commands.</param>
    /// <param name="store">Where drills are.</param>
    /// <param name="warn">Told of each scenario that belongs to no playbook, unless none of them does.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="CommandException">A scenario, a template or an old playbook cannot be used.</exception>
    public async Task<IReadOnlyList<Draft>> DraftAsync(
        IReadOnlyList<string> files, bool all, Func<Scenario, ClusterChoice> choose, string store, Action<string> warn, CancellationToken cancellationToken)
    {
        List<DrilledScenario> scenarios = [];
        List<string> none = [];
        var known = Playbook.Disasters(templates);
        foreach (var file in files.Order(StringComparer.Ordinal))
        {
            var scenario = Vocabulary.ReadScenario(file);
            if (Playbook.DisasterOf(scenario) is { } disaster && known.Contains(disaster))
            {
                scenarios.Add(await GatherAsync(scenario, choose(scenario), store, cancellationToken));
            }
            else
            {
                none.Add(NoPlaybook(scenario, known));
            }
        }

        if (scenarios.Count == 0)
        {
            throw new CommandException(ExitCode.BadUsage, string.Join('\n', none));
        }

        none.ForEach(n => warn($"left out: {n}"));

        var byDisaster = scenarios.ToLookup(s => Playbook.DisasterOf(s.Scenario)!);
        return [.. known.Where(d => all || byDisaster.Contains(d)).Select(d => Draft1(d, [.. byDisaster[d]], scenarios[0].Names))];
    }

    private Draft Draft1(string disaster, List<DrilledScenario> scenarios, ClusterNames otherwise)
    {
        var file = Path.Combine(folder, disaster + ".md");
        try
        {
            var old = File.Exists(file) ? File.ReadAllText(file) : null;
            var names = scenarios.Count == 0
                ? otherwise with { Targets = [] }
                : scenarios[0].Names with { Targets = [.. scenarios.SelectMany(s => s.Names.Targets).Distinct()] };
            return new Draft(disaster, file, old, Playbook.Markdown(disaster, scenarios, names, templates, old), scenarios.Sum(s => s.Drills.Count));
        }
        catch (TemplateException e)
        {
            throw new CommandException(ExitCode.BadUsage, e.Message, e);
        }
        catch (ReportException e)
        {
            throw new CommandException(ExitCode.Refused, $"{file}: {e.Message}; mend the marks of the parts that people fill in, nothing was overwritten", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.Refused, $"cannot read the playbook {file}: {FileFaults.Explain(e, file)}", e);
        }
    }

    /// <summary>Writes a draft; the old file is replaced at once or not at all.</summary>
    /// <exception cref="CommandException">It cannot be written.</exception>
    public static void Write(Draft draft)
    {
        try
        {
            WholeFile.Replace(draft.File, draft.New);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.Refused, $"cannot write the playbook {draft.File}: {FileFaults.Explain(e, draft.File)}", e);
        }
    }

    private static string NoPlaybook(Scenario scenario, IReadOnlyList<string> known)
    {
        var disaster = Playbook.DisasterOf(scenario);
        var nearest = disaster is null ? null : NearestName.Of(disaster, known);
        return $"{scenario.Origin.File}: the label \"{Playbook.Label}\" " +
            (disaster is null ? "is missing: it says which playbook the scenario belongs to" : $"is \"{disaster}\", for which there is no template") +
            (nearest is null ? $"; write one of {string.Join(", ", known)}" : $"; did you mean \"{nearest}\"?");
    }

    private static async Task<DrilledScenario> GatherAsync(Scenario scenario, ClusterChoice choice, string store, CancellationToken cancellationToken)
    {
        // Planning asks the programs of such a scenario for their versions: their answers take time that a virtual clock would jump over.
        var names = !choice.IsTwin ? await RealNamesAsync(scenario, choice, cancellationToken)
            : scenario.Spec.KeepsRealTime is not null ? await TwinNamesAsync(scenario, SystemClock.Instance, cancellationToken)
            : VirtualClock.Run(clock => TwinNamesAsync(scenario, clock, cancellationToken));
        return new DrilledScenario(scenario, names, Drills(scenario, names, store));
    }

    private static async Task<ClusterNames> TwinNamesAsync(Scenario scenario, TimeProvider clock, CancellationToken cancellationToken)
    {
        await using var twin = await OpenedCluster.TwinInMemoryAsync(scenario, scenario.Spec.Seed ?? 0, clock, cancellationToken);
        return await NamesAsync(scenario, twin, cancellationToken);
    }

    private static async Task<ClusterNames> RealNamesAsync(Scenario scenario, ClusterChoice choice, CancellationToken cancellationToken)
    {
        await using var real = OpenedCluster.Real(choice, SystemClock.Instance);
        return await NamesAsync(scenario, real, cancellationToken);
    }

    private static async Task<ClusterNames> NamesAsync(Scenario scenario, OpenedCluster opened, CancellationToken cancellationToken)
    {
        var spec = scenario.Spec;
        // Names come from the cluster alone; a Prometheus would only be asked whether it is there.
        var asked = scenario with { Spec = spec with { Prometheus = null, Probes = [.. spec.Probes.Where(p => !p.Target.AsksPrometheus)] } };
        var plan = await Planner.PlanAsync(asked, opened.Cluster, spec.Seed ?? 0, cancellationToken);

        // A drill of etcd has no workload of its own; its playbook still asks whether workloads are well, so any of the namespace will do.
        var workload = spec.Steps.Select(s => s.Action).OfType<AwaitRecovery>().SelectMany(a => a.Of).Concat(spec.SteadyState.Select(s => s.Subject))
            .FirstOrDefault(w => !w.IsProbe)
            ?? await WorkloadSurroundings.FirstAsync(opened.Client, plan.Namespace, cancellationToken)
            ?? throw new CommandException(
                ExitCode.BadUsage,
                $"{scenario.Origin.File}: the scenario names no workload that a playbook could be about, and namespace {plan.Namespace} has no deployment; add one to spec.steadyState");
        var around = await WorkloadSurroundings.ReadAsync(opened.Client, plan.Namespace, workload, cancellationToken)
            ?? throw new CommandException(
                ExitCode.Refused, $"cluster {plan.Cluster.Name} has no {workload} in namespace {plan.Namespace}; the playbook's commands could not be pasted. Name the right --context, or mend the scenario");
        return new ClusterNames(
            plan.Cluster, plan.Namespace, workload, around.Selector, around.Service, around.Nodes,
            [.. plan.Steps.SelectMany(s => s.Targets).Where(t => t.Kind != "Pod").Select(t => t with { Uid = "", Detail = null }).Distinct()]);
    }

    private static IReadOnlyList<(DrillRecord Record, Judgement Judgement)> Drills(Scenario scenario, ClusterNames names, string store)
    {
        if (!File.Exists(store))
        {
            return [];
        }

        using var drills = DrillStore.OpenReadOnly(store);
        return
        [
            .. drills.History(new HistoryFilter { Scenario = scenario.Metadata.Name, Limit = MostDrills })
                .Where(d => d.State == DrillState.Ended && d.Cluster == names.Cluster.Name).Reverse()
                .Select(d => drills.Read(d.Id)!).Where(r => r.Header.Plan.Cluster.IsTwin == names.Cluster.IsTwin)
                .Select(r => (r, Judge.Of(r))),
        ];
    }
}
