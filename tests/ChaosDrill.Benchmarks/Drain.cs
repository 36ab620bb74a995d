using System.Diagnostics;
using ChaosDrill.Acceptance.Virtual;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Timelines;
using ChaosDrill.Store;
using ChaosDrill.Twin;

namespace ChaosDrill.Benchmarks;

/// <summary>
/// kubectl drain and a drill with nodeDrain, each a process of its own, in turn, each on a fresh twin over HTTPS; timed by the twin's own record of its writes,
/// and by when each knows that the node is drained.
/// </summary>
internal static class Drain
{
    private const string Shop = """
        apiVersion: v1
        kind: Namespace
        metadata: { name: shop }
        ---

        """;

    public static async Task RunAsync()
    {
        var manifest = Shop + TenPods.Manifest(termination: "10ms");

        // The first pairs pay for compiling the twin in this process.
        await RaceAsync("ten pods without a budget", manifest, runs: 15, before: 5);
        await RaceAsync("ten pods behind maxUnavailable: 1", manifest + TenPods.Budget, runs: 2, before: 0);
    }

    private static async Task RaceAsync(string what, string manifest, int runs, int before)
    {
        var kubectl = new List<Times>();
        var ours = new List<Times>();
        for (var run = -before; run < runs; run++)
        {
            var one = await OnceAsync(manifest, folder => Sample.Command("kubectl", "--kubeconfig", Path.Combine(folder, "config"), "drain", "node1"));
            var other = await OnceAsync(manifest, folder => Sample.Command(
                Path.Combine(Sample.Root, "chaosdrill"), "run", Path.Combine(folder, "drain.yaml"), "--kubeconfig", Path.Combine(folder, "config"), "--context", "twin",
                "--store", Path.Combine(folder, "drills.db"), "--reports", Path.Combine(folder, "reports")));

            if (run >= 0)
            {
                kubectl.Add(one);
                ours.Add(other);
            }
        }

        Console.WriteLine($"{what}, cordoned until the last pod is gone");
        Print("kubectl drain:            ", kubectl);
        Print("chaosdrill run, nodeDrain:", ours);
        Compare("until the last pod is gone", t => t.Gone);
        Compare("until it knows that", t => t.Known);

        void Compare(string until, Func<Times, double> which)
        {
            var ratio = Median(kubectl, which) / Median(ours, which);
            Console.WriteLine(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"  {until}, kubectl takes {ratio:0.00} times as long{(ratio >= 1 ? "" : "  MISSED")}"));
        }
    }

    private static void Print(string what, List<Times> times)
    {
        Console.WriteLine($"  {what} {Sample.Text([.. times.Select(t => t.Gone)], "ms")}");
        Console.WriteLine(string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"    of which until the first eviction {Median(times, t => t.First):0.0} ms, until the last {Median(times, t => t.Last):0.0} ms; it knows after {Median(times, t => t.Known):0.0} ms"));
    }

    private static double Median(List<Times> times, Func<Times, double> which) => Sample.Percentile([.. times.Select(which)], 0.5);

    /// <summary>Milliseconds from the node's cordon to the first and the last eviction, to the end of the last pod, and until the drain is known to be over.</summary>
    private sealed record Times(double First, double Last, double Gone, double Known);

    private static async Task<Times> OnceAsync(string manifest, Func<string, ProcessStartInfo> drain)
    {
        var folder = Directory.CreateTempSubdirectory("chaosdrill-bench");
        try
        {
            await using var twin = new TwinCluster(new TwinOptions { Nodes = 2, Seed = 1 });
            twin.Start();
            await using var server = await twin.ServeAsync();
            server.WriteKubeconfig(Path.Combine(folder.FullName, "config"));
            await using var client = new KubernetesClient(Kubeconfig.Load(Path.Combine(folder.FullName, "config")).Select(), TimeProvider.System);
            await CordonAsync(client, "node2", true);
            twin.Apply(manifest);
            await twin.WaitUntilSettledAsync(TimeSpan.FromSeconds(30));
            await CordonAsync(client, "node2", false);
            var pods = (await client.ListAsync(Resources.Pods, "shop")).Items.Select(p => p.Metadata.Uid!).ToHashSet();
            var before = twin.History[^1].Version;
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "drain.yaml"), TenPods.Scenario);
            await RunAsync(drain(folder.FullName), folder.FullName);
            var end = Stopwatch.GetTimestamp();
            var since = twin.History.Where(c => c.Version > before).ToList();
            var cordoned = since.First(c => c.Resource == "nodes" && c.Name == "node1").Timestamp;
            var gone = since.Where(c => c.Kind == "DELETED" && pods.Contains(c.Uid)).ToList();
            var evicted = since.Where(c => c.Kind == "MODIFIED" && pods.Contains(c.Uid)).DistinctBy(c => c.Uid).ToList();
            return gone.Count == pods.Count ? new Times(Since(evicted[0]), Since(evicted[^1]), Since(gone[^1]), Known(folder.FullName) ?? Stopwatch.GetElapsedTime(cordoned, end).TotalMilliseconds)
                : throw new InvalidOperationException($"{gone.Count} of {pods.Count} pods went");

            double Since(TwinChange change) => Stopwatch.GetElapsedTime(cordoned, change.Timestamp).TotalMilliseconds;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>By the drill's own timeline, counted from before it asks for the cordon; null for kubectl, which ends when it knows.</summary>
    private static double? Known(string folder)
    {
        if (!File.Exists(Path.Combine(folder, "drills.db")))
        {
            return null;
        }

        using var store = DrillStore.OpenReadOnly(Path.Combine(folder, "drills.db"));
        var timeline = store.Read("latest")!.Timeline;
        var asked = timeline.First(e => e.Event is FaultRequested { Target.Kind: "Node" }).At;
        return (timeline.First(e => e.Event is StepEnded).At - asked).TotalMilliseconds;
    }

    private static async Task RunAsync(ProcessStartInfo command, string folder)
    {
        command.Environment["HOME"] = folder;
        using var process = Process.Start(command)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{command.FileName} ended with {process.ExitCode}: {error}{await output}");
        }
    }

    private static Task<Node> CordonAsync(KubernetesClient client, string node, bool on) =>
        client.PatchAsync(Resources.Nodes, null, node, Patch.Merge(new System.Text.Json.Nodes.JsonObject { ["spec"] = new System.Text.Json.Nodes.JsonObject { ["unschedulable"] = on } }));
}
