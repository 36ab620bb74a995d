using System.Diagnostics;
using System.Globalization;
using ChaosDrill.Store;
using ChaosDrill.Twin;

namespace ChaosDrill.Benchmarks;

/// <summary>
/// From SIGKILL of a worker in the middle of its drills until another one has put everything back and recorded it. On a file the
/// other one is the next start, which comes at once.
/// </summary>
internal static class TakeOver
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public static Task RunAsync() => ManySchedules.OnBothAsync(async (folder, target) =>
    {
        // As many as a worker runs at once unless it is told otherwise.
        const int Most = 16;
        await using var twin = new TwinCluster(new TwinOptions { Nodes = 3, Seed = 1 });
        twin.Start();
        Directory.CreateDirectory(Path.Combine(folder, "scenarios"));
        for (var i = 0; i < Most; i++)
        {
            var shop = string.Create(CultureInfo.InvariantCulture, $"shop{i}");
            twin.Apply(TwinKill.Manifest(replicas: 3, readyDelay: "200ms").Replace("shop", shop, StringComparison.Ordinal));
            File.WriteAllText(Path.Combine(folder, "scenarios", shop + ".yaml"), Scenario(shop));
        }

        await using var server = await twin.ServeAsync();
        var kubeconfig = Path.Combine(folder, "config");
        server.WriteKubeconfig(kubeconfig);
        using var store = DrillStore.Open(target);
        double? before = null;
        foreach (var (drills, kills) in ((int, int)[])[(1, 5), (Most, 3)])
        {
            List<double> took = [];
            for (var kill = 0; kill < kills; kill++)
            {
                await twin.WaitUntilSettledAsync(Limit);
                took.Add(await KillAsync(store, drills, () => new BenchWorker(folder, target, "--context", "twin", "--kubeconfig", kubeconfig)));
            }

            var growth = before is { } smaller ? string.Create(CultureInfo.InvariantCulture, $"; {Sample.Percentile(took, 0.5) / smaller:0.0} times the row above") : "";
            Console.WriteLine($"take-over of {(drills == 1 ? "a drill" : $"{drills} drills")}: {Sample.Text(took, "s")}{growth}");
            Sample.Against("  the longest", took.Max(), 15, "s");
            before = Sample.Percentile(took, 0.5);
        }
    });

    /// <summary>Seconds until nothing of the dead worker's drills is left to be done.</summary>
    private static async Task<double> KillAsync(DrillStore store, int drills, Func<BenchWorker> start)
    {
        var now = TimeProvider.System.GetUtcNow();
        List<string> ids = [];
        for (var i = 0; i < drills; i++)
        {
            var scenario = string.Create(CultureInfo.InvariantCulture, $"shop{i}");
            ids.Add($"{scenario}@{Guid.NewGuid():N}");
            store.Firings.Release(store.Firings.Claim(new Firing { Id = ids[^1], Scenario = scenario, AskedBy = "bench", ScheduledAt = now, DueAt = now, Cluster = null, Namespace = scenario, WholeCluster = false }, "bench", now)!, now);
        }

        using var victim = start();
        for (var i = 0; i < drills; i++)
        {
            victim.Until("step ends: Done");
        }

        using var survivor = store.IsShared ? start() : null;
        survivor?.Until("worker is ready");
        var begin = Stopwatch.GetTimestamp();
        victim.Kill();
        using var next = store.IsShared ? null : start();
        await Sample.UntilAsync("the drills have their last word", Limit, () => ids.All(id => store.Firings.Find(id)!.State == FiringState.Ended));
        var took = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        return store.OutstandingUndos().Count == 0 ? took : throw new InvalidOperationException("something is not put back");
    }

    private static string Scenario(string shop) => $$"""
        apiVersion: chaosdrill.dev/v1
        kind: Scenario
        metadata: { name: {{shop}} }
        spec:
          cluster: { namespace: {{shop}} }
          steps:
            - scale: { workload: deployment/storefront, replicas: 0, maxDuration: 10m }
            - wait: { for: 10m }
            - awaitRecovery: { of: [deployment/storefront], stableFor: 1s, timeout: 2m }
          objectives:
            - recoveryTime: { of: deployment/storefront, atMost: 30s }
          guards: { maxDuration: 30m }
        """;
}
