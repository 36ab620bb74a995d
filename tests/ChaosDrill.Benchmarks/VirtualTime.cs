using System.Diagnostics;
using ChaosDrill.Kubernetes;
using ChaosDrill.Twin;

namespace ChaosDrill.Benchmarks;

/// <summary>A drill of about five minutes in virtual time, and how its cost grows with the size of the twin.</summary>
internal static class VirtualTime
{
    public static Task RunAsync()
    {
        var folder = Directory.CreateTempSubdirectory("chaosdrill-bench");
        try
        {
            double? before = null;
            foreach (var replicas in new[] { 3, 3, 100, 1_000 })
            {
                var (elapsed, virtualSeconds) = Run(replicas, Path.Combine(folder.FullName, $"{replicas}-{before}.db"));
                var growth = before is { } smaller ? $", {elapsed / smaller:0.0} times the row above" : " (cold)";
                Console.WriteLine($"{replicas} pods: {virtualSeconds:0} virtual seconds in {elapsed:0} ms{growth}");
                if (replicas == 3 && before is not null)
                {
                    Sample.Against("five-minute drill", elapsed, 1000, "ms");
                }

                before = elapsed;
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        return Task.CompletedTask;
    }

    private static (double Milliseconds, double VirtualSeconds) Run(int replicas, string store)
    {
        var start = Stopwatch.GetTimestamp();
        var lasted = VirtualClock.Run(async clock =>
        {
            await using var twin = new TwinCluster(new TwinOptions { Nodes = Math.Max(3, replicas / 30), Seed = 1, Clock = clock });
            twin.Start();
            twin.Apply(TwinKill.Manifest(replicas, readyDelay: "2s"));
            await twin.WaitUntilSettledAsync(TimeSpan.FromMinutes(5));
            var begin = clock.GetTimestamp();
            await using var client = new KubernetesClient(new Uri("https://twin"), twin.CreateHandler(), clock);
            await TwinKill.RunAsync(twin, client, clock, TwinKill.Scenario(5, "57s"), store);
            return clock.GetElapsedTime(begin).TotalSeconds;
        });
        return (Stopwatch.GetElapsedTime(start).TotalMilliseconds, lasted);
    }
}
