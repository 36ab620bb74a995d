using ChaosDrill.Engine.Drills;
using ChaosDrill.Engine.Planning;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Store;
using ChaosDrill.Twin;
using ChaosDrill.Views;

namespace ChaosDrill.Hosting;

/// <summary>Takes one drill from its scenario to its judgement. <c>run</c> and the worker go through here alike.</summary>
internal sealed record DrillSession
{
    /// <summary>What to do.</summary>
    public required Scenario Scenario { get; init; }

    /// <summary>Where.</summary>
    public required ClusterChoice Choice { get; init; }

    /// <summary>Where ways back of earlier drills are found.</summary>
    public required DrillStore Store { get; init; }

    /// <summary>Where the drill is written down; null is <see cref="Store"/> itself.</summary>
    public IJournal? Journal { get; init; }

    /// <summary>Who answers holds; null is whoever sits at the terminal.</summary>
    public IPerson? Person { get; init; }

    /// <summary>Called before each change of a real cluster; what it throws keeps it from being made.</summary>
    public Action? BeforeChange { get; init; }

    /// <summary>Who watches.</summary>
    public required IDrillView View { get; init; }

    /// <summary>The stop button.</summary>
    public required AbortSwitch Abort { get; init; }

    /// <summary>A plan that must still hold; null demands none.</summary>
    public SavedPlan? Approved { get; init; }

    /// <summary>The seed; null is the scenario's, else a new one.</summary>
    public int? Seed { get; init; }

    /// <summary>Whether the twin runs as fast as it can compute.</summary>
    public bool VirtualTime { get; init; }

    /// <summary>Told what is being prepared.</summary>
    public Action<string> Say { get; init; } = _ => { };

    /// <summary>Told the plan and the id before the drill begins.</summary>
    public Action<DrillHeader> Planned { get; init; } = _ => { };

    /// <summary>Runs the drill to its end.</summary>
    /// <exception cref="CommandException">It cannot start; nothing was touched.</exception>
    /// <exception cref="OperationCanceledException">It was stopped before anything was touched.</exception>
    public async Task<(DrillRecord Record, Judgement Judgement)> RunAsync() => VirtualTime
        ? VirtualClock.Run(DrillAsync)
        : await DrillAsync(SystemClock.Instance);

    private async Task<(DrillRecord Record, Judgement Judgement)> DrillAsync(TimeProvider clock)
    {
        var seed = Seed ?? Scenario.Spec.Seed ?? DrillIds.NewSeed();
        await using var opened = Choice.IsTwin ? await StartTwinAsync(seed, clock) : OpenedCluster.Real(Choice, clock, BeforeChange, Person);
        var plan = await PlanAsync(opened.Cluster, seed);
        var header = Header(plan, opened.Cluster);
        Planned(header);
        View.Begin(header);
        return await new DrillRun(Scenario, header, opened.Cluster, Journal ?? Store, clock, Abort, View.Show).RunAsync();
    }

    private async Task<Plan> PlanAsync(ICluster cluster, int seed)
    {
        // On a cluster that is not as approved, nothing is touched: not even what earlier drills left.
        if (Approved is not null && await MatchedAsync() is { Refusals.Count: > 0 } changed)
        {
            return changed;
        }

        await Leftovers.ClearAsync(Store, cluster, Say, Abort.Token);
        return await MatchedAsync();

        async Task<Plan> MatchedAsync()
        {
            var plan = await Planner.PlanAsync(Scenario, cluster, seed, Abort.Token);
            return Approved is null ? plan : plan with { Refusals = [.. PlanChanges.Between(Approved.Plan, plan), .. plan.Refusals] };
        }
    }

    private DrillHeader Header(Plan plan, ICluster cluster)
    {
        // The wall clock is read once, and it is the real one even when the drill runs in virtual time.
        var startedAt = SystemClock.Instance.GetUtcNow();
        return DrillHeaders.For(
            Scenario, plan, DrillIds.New(Scenario.Metadata.Name, startedAt), startedAt, Tool.Version, probe => cluster.ProbeFor(probe, Scenario).Summary) with
        {
            TimeZone = SystemClock.Instance.LocalTimeZone.Id,
            Process = LocalProcess.Current(),
            VirtualTime = VirtualTime,
            ApprovedPlan = Approved?.Digest,
        };
    }

    private async Task<OpenedCluster> StartTwinAsync(int seed, TimeProvider clock)
    {
        var spec = Scenario.Spec.Twin ?? new TwinSpec();
        Say($"starting the twin: {spec.Nodes} node{(spec.Nodes == 1 ? "" : "s")}{(spec.Manifests.Count == 0 ? "" : ", " + string.Join(", ", spec.Manifests))}");
        return await OpenedCluster.TwinAsync(Scenario, seed, clock, Person, Abort.Token);
    }
}
