using System.Diagnostics;
using ChaosDrill.Acceptance.Virtual;
using ChaosDrill.Kubernetes;
using ChaosDrill.Twin;

namespace ChaosDrill.Benchmarks;

/// <summary>kubectl drain and a drill with nodeDrain, each a process of its own, in turn, each on a fresh twin over HTTPS; timed by the twin's own record of its writes.</summary>
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
        await RaceAsync("ten pods without a budget", manifest, runs: 15);
        await RaceAsync("ten pods behind maxUnavailable: 1", manifest + TenPods.Budget, runs: 3);
    }

    private static async Task RaceAsync(string what, string manifest, int runs)
    {
        var kubectl = new List<double>();
        var ours = new List<double>();
        for (var run = -1; run < runs; run++)
        {
            var one = await OnceAsync(manifest, folder => Sample.Command("kubectl", "--kubeconfig", Path.Combine(folder, "config"), "drain", "node1"));
            var other = await OnceAsync(manifest, folder => Sample.Command(
                Path.Combine(Sample.Root, "chaosdrill"), "run", Path.Combine(folder, "drain.yaml"), "--kubeconfig", Path.Combine(folder, "config"), "--context", "twin",
                "--store", Path.Combine(folder, "drills.db"), "--reports", Path.Combine(folder, "reports")));

            // The first pair pays for compiling the twin in this process.
            if (run >= 0)
            {
                kubectl.Add(one);
                ours.Add(other);
            }
        }

        Console.WriteLine($"{what}, cordoned until the last pod is gone");
        Console.WriteLine($"  kubectl drain:             {Sample.Text(kubectl, "ms")}");
        Console.WriteLine($"  chaosdrill run, nodeDrain: {Sample.Text(ours, "ms")}");
        var ratio = Sample.Percentile(kubectl, 0.5) / Sample.Percentile(ours, 0.5);
        Console.WriteLine(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"  kubectl takes {ratio:0.0} times as long{(ratio >= 1 ? "" : "  MISSED")}"));
    }

    /// <summary>Milliseconds from the node's cordon to the deletion of the last pod that was on it.</summary>
    private static async Task<double> OnceAsync(string manifest, Func<string, ProcessStartInfo> drain)
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
            var since = twin.History.Where(c => c.Version > before).ToList();
            var cordoned = since.First(c => c.Resource == "nodes" && c.Name == "node1").Timestamp;
            var gone = since.Where(c => c.Kind == "DELETED" && pods.Contains(c.Uid)).ToList();
            return gone.Count == pods.Count ? Stopwatch.GetElapsedTime(cordoned, gone[^1].Timestamp).TotalMilliseconds
                : throw new InvalidOperationException($"{gone.Count} of {pods.Count} pods went");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
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
