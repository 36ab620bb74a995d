using ChaosDrill.Actions;
using ChaosDrill.Actions.Clusters;
using ChaosDrill.Actions.Faults.NamespaceLoss;
using ChaosDrill.Engine.Drills;
using ChaosDrill.Engine.Planning;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Engine.Scenarios;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Drills;
using ChaosDrill.Twin;
using Xunit;

namespace ChaosDrill.Acceptance.Virtual;

/// <summary>A shipped scenario on the twin that it is furnished with.</summary>
internal static class ShippedDrill
{
    private const int Seed = 7;

    public static string Folder { get; } = Path.Combine(Root(), "scenarios");

    /// <summary>All that can run in virtual time; real programs keep their own, and the tests of the command line run those.</summary>
    public static TheoryData<string> All =>
        [.. Directory.GetFiles(Folder, "*.yaml").Select(f => Path.GetFileName(f)).Where(f => !f!.StartsWith("etcd-", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    /// <summary>What a run left: its judgement (null when it died), and the cluster before and after.</summary>
    public sealed record Result(Judgement? Judgement, IReadOnlyList<string> Before, IReadOnlyList<string> After);

    /// <summary>Runs a scenario with a journal that may let it die; the next start then goes what was recorded.</summary>
    public static Result Run(string file, MortalJournal journal)
    {
        var foreign = 0;
        var result = VirtualClock.Run(async clock =>
        {
            var outcome = await RunAsync(file, journal, clock);
            foreign = clock.ForeignPosts;
            return outcome;
        });
        Assert.Equal(0, foreign);
        return result;
    }

    /// <summary>A scenario, and the twin that it is furnished with, settled.</summary>
    public static async Task<(Model.Scenarios.Scenario Scenario, TwinCluster Twin)> FurnishAsync(string file, VirtualClock clock)
    {
        var scenario = new ScenarioReader(ScenarioVocabulary.BuiltIn.With(ActionVocabulary.Steps, ActionVocabulary.Probes)).ReadFile(Path.Combine(Folder, file));
        var twin = new TwinCluster(new TwinOptions { Nodes = scenario.Spec.Twin!.Nodes, Velero = scenario.Spec.Twin.Velero, Seed = Seed, Clock = clock });
        twin.Start();
        foreach (var manifest in scenario.Spec.Twin.Manifests)
        {
            twin.Apply(await ReadAsync(Path.Combine(Folder, manifest)));
        }

        await twin.WaitUntilSettledAsync(TimeSpan.FromMinutes(2));
        return (scenario, twin);
    }

    private static async Task<Result> RunAsync(string file, MortalJournal journal, VirtualClock clock)
    {
        var (scenario, twin) = await FurnishAsync(file, clock);
        await using var end = twin;
        await using var observer = new KubernetesClient(new Uri("https://twin"), twin.CreateHandler(), clock);
        var anew = scenario.Spec.Steps.Any(s => s.Action is NamespaceLoss);
        var before = await ClusterPicture.TakeAsync(observer, anew);
        var judgement = await DrillAsync(scenario, twin, journal, clock);
        if (judgement is null)
        {
            await using var next = new KubernetesCluster(new KubernetesClient(new Uri("https://twin"), twin.CreateHandler(), clock), "twin", isTwin: true);
            foreach (var undo in journal.Outstanding)
            {
                await next.UndoAsync(undo, CancellationToken.None);
            }
        }

        await Task.Delay(TimeSpan.FromSeconds(45), clock, CancellationToken.None);
        return new Result(judgement, before, await ClusterPicture.TakeAsync(observer, anew));
    }

    private static async Task<Judgement?> DrillAsync(Model.Scenarios.Scenario scenario, TwinCluster twin, MortalJournal journal, VirtualClock clock)
    {
        var client = new KubernetesClient(new Uri("https://twin"), new MortalHandler(journal, clock, twin.CreateHandler()), clock);
        await using var cluster = new KubernetesCluster(client, "twin", isTwin: true);
        var plan = await Planner.PlanAsync(scenario, cluster, Seed, CancellationToken.None);
        var header = DrillHeaders.For(scenario, plan, "drill-1", clock.GetUtcNow(), "test", probe => cluster.ProbeFor(probe, scenario).Summary);
        using var abort = new AbortSwitch();
        try
        {
            var (_, judgement) = await new DrillRun(scenario, header, cluster, journal, clock, abort).RunAsync();
            return journal.IsDead ? null : judgement;
        }
        catch (Exception e) when (e is DeathException or ClusterException or InvalidOperationException && journal.IsDead)
        {
            return null;
        }
    }

    private static Task<string> ReadAsync(string path) => Task.FromResult(File.ReadAllText(path));

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "ChaosDrill.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("the tests run outside of the repository");
        }

        return folder;
    }
}

/// <summary>The process is dead: nothing after this is done.</summary>
internal sealed class DeathException : Exception;

/// <summary>The requests of a process that may be dead: then none leaves any more.</summary>
internal sealed class MortalHandler(MortalJournal journal, TimeProvider clock, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (journal.IsDead)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, clock, cancellationToken);
        }

        return await base.SendAsync(request, cancellationToken);
    }
}
