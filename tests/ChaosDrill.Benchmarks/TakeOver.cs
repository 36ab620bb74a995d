using System.Diagnostics;
using ChaosDrill.Store;
using ChaosDrill.Store.Tests;
using ChaosDrill.Twin;

namespace ChaosDrill.Benchmarks;

/// <summary>From SIGKILL of a worker in the middle of a drill until another one has put everything back and recorded it.</summary>
internal static class TakeOver
{
    private const int Kills = 6;

    public static async Task RunAsync()
    {
        var folder = Directory.CreateTempSubdirectory("chaosdrill-bench").FullName;
        using var postgres = new PostgresServer();
        try
        {
            await using var twin = new TwinCluster(new TwinOptions { Nodes = 3, Seed = 1 });
            twin.Start();
            twin.Apply(TwinKill.Manifest(replicas: 3, readyDelay: "200ms"));
            await twin.WaitUntilSettledAsync(TimeSpan.FromSeconds(30));
            await using var server = await twin.ServeAsync();
            var kubeconfig = Path.Combine(folder, "config");
            server.WriteKubeconfig(kubeconfig);
            Directory.CreateDirectory(Path.Combine(folder, "scenarios"));
            File.WriteAllText(Path.Combine(folder, "scenarios", "long.yaml"), """
                apiVersion: chaosdrill.dev/v1
                kind: Scenario
                metadata: { name: long }
                spec:
                  cluster: { namespace: shop }
                  steps:
                    - scale: { workload: deployment/storefront, replicas: 0, maxDuration: 10m }
                    - wait: { for: 10m }
                    - awaitRecovery: { of: [deployment/storefront], stableFor: 1s, timeout: 2m }
                  objectives:
                    - recoveryTime: { of: deployment/storefront, atMost: 30s }
                  guards: { maxDuration: 30m }
                """);
            var target = postgres.NewStore();
            using var store = DrillStore.Open(target);
            List<double> took = [];
            var workers = new List<BenchWorker>();
            for (var kill = 0; kill < Kills; kill++)
            {
                while (workers.Count < 2)
                {
                    workers.Add(new BenchWorker(folder, target, "--context", "twin", "--kubeconfig", kubeconfig));
                    workers[^1].Until("worker is ready");
                }

                var now = TimeProvider.System.GetUtcNow();
                var id = $"long@{kill}";
                store.Firings.Release(store.Firings.Claim(new Firing { Id = id, Scenario = "long", AskedBy = "bench", ScheduledAt = now, DueAt = now, Cluster = null, Namespace = "shop", WholeCluster = false }, "bench", now)!, now);
                while (!store.OutstandingUndos().Any(u => u.Undo.Kind == "scale"))
                {
                    await Task.Delay(50, CancellationToken.None);
                }

                var owner = workers.Single(w => w.Name == store.Firings.Find(id)!.Owner);
                var begin = Stopwatch.GetTimestamp();
                owner.Kill();
                workers.Remove(owner);
                owner.Dispose();
                while (store.Firings.Find(id)!.State != FiringState.Ended)
                {
                    await Task.Delay(20, CancellationToken.None);
                }

                took.Add(Stopwatch.GetElapsedTime(begin).TotalSeconds);
            }

            workers.ForEach(w => w.Dispose());
            Console.WriteLine($"take-over: {Sample.Text(took, "s")}");
            Sample.Against("take-over, the longest", took.Max(), 15, "s");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
