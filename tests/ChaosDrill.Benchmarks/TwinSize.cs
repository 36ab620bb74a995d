using System.Diagnostics;
using ChaosDrill.Kubernetes;
using ChaosDrill.Twin;

namespace ChaosDrill.Benchmarks;

/// <summary>Large twins in virtual time: how long they take to start and to lose a node, what they weigh, and how that grows.</summary>
internal static class TwinSize
{
    public static Task RunAsync()
    {
        (double Start, double Memory)? before = null;
        foreach (var pods in new[] { 1_000, 1_000, 3_000, 10_000 })
        {
            var (start, drain, memory) = VirtualClock.Run(clock => RunAsync(clock, pods));
            var growth = before is { } smaller ? $"; {start / smaller.Start:0.0} times the time and {memory / smaller.Memory:0.0} times the memory of the row above" : " (cold)";
            Console.WriteLine($"{pods} pods on {pods / 10} nodes: settle in {start:0} ms, lose a node in {drain:0} ms, {memory:0} MB{growth}");
            before = (start, memory);
        }

        return Task.CompletedTask;
    }

    private static async Task<(double Start, double Drain, double Memory)> RunAsync(VirtualClock clock, int pods)
    {
        var empty = GC.GetTotalMemory(forceFullCollection: true);
        var begin = Stopwatch.GetTimestamp();
        await using var twin = new TwinCluster(new TwinOptions { Nodes = pods / 10, Seed = 1, Clock = clock });
        twin.Start();
        for (var i = 0; i < 10; i++)
        {
            twin.Apply(TwinKill.Manifest(pods / 10, readyDelay: "1s").Replace("storefront", $"d{i}", StringComparison.Ordinal));
        }

        await twin.WaitUntilSettledAsync(TimeSpan.FromMinutes(10));
        var start = Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
        var memory = (GC.GetTotalMemory(forceFullCollection: true) - empty) / 1e6;
        begin = Stopwatch.GetTimestamp();
        await using var client = new KubernetesClient(new Uri("https://twin"), twin.CreateHandler(), clock);
        foreach (var pod in (await client.ListAsync(Resources.Pods, null, new ListOptions { FieldSelector = "spec.nodeName=node1" })).Items)
        {
            await client.EvictAsync(pod.Metadata.Namespace!, pod.Metadata.Name!);
        }

        await Task.Delay(TimeSpan.FromSeconds(5), clock);
        await twin.WaitUntilSettledAsync(TimeSpan.FromMinutes(10));
        return (start, Stopwatch.GetElapsedTime(begin).TotalMilliseconds, memory);
    }
}
