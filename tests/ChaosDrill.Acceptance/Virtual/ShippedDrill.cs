using ChaosDrill.Actions;
using ChaosDrill.Actions.Clusters;
using ChaosDrill.Actions.Etcd;
using ChaosDrill.Actions.Faults.NamespaceLoss;
using ChaosDrill.Engine.Drills;
using ChaosDrill.Engine.Planning;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Engine.Scenarios;
using ChaosDrill.Hosting;
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

    /// <summary>A scenario, and the twins that it is furnished with, settled.</summary>
    public static async Task<Furnished> FurnishAsync(string file, VirtualClock clock)
    {
        var scenario = new ScenarioReader(ScenarioVocabulary.BuiltIn.With(ActionVocabulary.Steps, ActionVocabulary.Probes)).ReadFile(Path.Combine(Folder, file));
        var options = new TwinOptions { Nodes = scenario.Spec.Twin!.Nodes, Velero = scenario.Spec.Twin.Velero, Seed = Seed, Clock = clock };
        var beside = scenario.Spec.Twin.Beside is { } called ? new TwinBeside(called, options) : null;
        var twin = new TwinCluster(options with { VeleroBucket = beside?.Bucket });
        twin.Start();
        foreach (var manifest in scenario.Spec.Twin.Manifests)
        {
            twin.Apply(await ReadAsync(Path.Combine(Folder, manifest)));
        }

        await twin.WaitUntilSettledAsync(TimeSpan.FromMinutes(2));
        return new Furnished(scenario, twin, beside);
    }

    private static async Task<Result> RunAsync(string file, MortalJournal journal, VirtualClock clock)
    {
        await using var furnished = await FurnishAsync(file, clock);
        var anew = furnished.Scenario.Spec.Steps.Any(s => s.Action is NamespaceLoss);
        var before = await furnished.PictureAsync(anew);
        var judgement = await DrillAsync(furnished, journal, clock);
        if (judgement is null)
        {
            await using var next = furnished.Open((_, handler) => handler);
            foreach (var undo in journal.Outstanding)
            {
                await next.UndoAsync(undo, CancellationToken.None);
            }
        }

        await Task.Delay(TimeSpan.FromSeconds(45), clock, CancellationToken.None);
        return new Result(judgement, before, await furnished.PictureAsync(anew));
    }

    private static async Task<Judgement?> DrillAsync(Furnished furnished, MortalJournal journal, VirtualClock clock)
    {
        var scenario = furnished.Scenario;
        await using var cluster = furnished.Open((_, handler) => new MortalHandler(journal, clock, handler));
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

/// <summary>A scenario and its twins.</summary>
/// <param name="Scenario">As it was read.</param>
/// <param name="Twin">Where it runs.</param>
/// <param name="Beside">The second twin; null when it has none.</param>
internal sealed record Furnished(Model.Scenarios.Scenario Scenario, TwinCluster Twin, TwinBeside? Beside) : IAsyncDisposable
{
    /// <summary>The cluster as drills see it.</summary>
    /// <param name="around">Stands between the drill and each cluster; the second by its context.</param>
    /// <param name="user">As whom the drill asks; null is the administrator.</param>
    /// <param name="etcd">The etcd that the first keeps its objects in; null for memory.</param>
    public KubernetesCluster Open(Func<string?, HttpMessageHandler, HttpMessageHandler> around, string? user = null, TwinEtcd? etcd = null) => new(
        Client("https://twin", Twin, handler => around(null, handler), user), "twin", isTwin: true, person: null, etcd,
        others: new OtherClusters(context => Client($"https://{context}", Beside!.Twin, handler => around(context, handler), user)));

    /// <summary>Everything that a drill may touch, in both.</summary>
    public async Task<IReadOnlyList<string>> PictureAsync(bool anew = false)
    {
        await using var own = Client("https://twin", Twin, handler => handler, null);
        var lines = await ClusterPicture.TakeAsync(own, anew);
        if (Beside is null)
        {
            return lines;
        }

        await using var other = Client("https://beside", Beside.Twin, handler => handler, null);
        return [.. lines, .. (await ClusterPicture.TakeAsync(other)).Select(l => $"beside: {l}")];
    }

    public async ValueTask DisposeAsync()
    {
        await Twin.DisposeAsync();
        await (Beside?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    private static KubernetesClient Client(string address, TwinCluster twin, Func<HttpMessageHandler, HttpMessageHandler> around, string? user) =>
        new(new Uri(address), around(user is null ? twin.CreateHandler() : twin.CreateHandler(user)), twin.Options.Clock);
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
