namespace ChaosDrill.Twin.Tests;

/// <summary>Where pods go, why they do not, and what happens while nobody decides.</summary>
public sealed class SchedulingTests
{
    [Theory]
    [InlineData("cpu: 5", 3, "0/3 nodes are available: 3 Insufficient cpu. no new claims to deallocate, preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.")]
    [InlineData("cpu: 2500m, memory: 20Gi", 3, "0/3 nodes are available: 3 Insufficient memory. no new claims to deallocate, preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.")]
    [InlineData("cpu: 9, memory: 40Gi", 0, "0/3 nodes are available: 3 Insufficient cpu, 3 Insufficient memory. no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.")]
    public void Pods_ThatAskForMoreThanThereIs_Wait(string requests, int placed, string message) => TwinRun.Go(async run =>
    {
        run.Cluster.Apply(Manifest(4, requests));
        await run.Delay(5);
        var pods = await run.ItemsAsync("/api/v1/namespaces/default/pods");
        Assert.Equal(placed, pods.Count(p => p["spec"]!["nodeName"] is not null));
        var waiting = pods.First(p => p["spec"]!["nodeName"] is null);
        Assert.Equal(message, (string?)waiting["status"]!["conditions"]![0]!["message"]);
        Assert.Contains(await run.ItemsAsync("/api/v1/events"), e => (string?)e["reason"] == "FailedScheduling" && (string?)e["message"] == message);
    });

    [Fact]
    public void Pod_ThatWaited_IsPlacedWhenAnotherMakesRoom() => TwinRun.Go(async run =>
    {
        run.Cluster.Apply(Manifest(4, "cpu: 5"));
        await run.Delay(5);
        await run.Client.PatchAsync("/apis/apps/v1/namespaces/default/deployments/a/scale", """{"spec":{"replicas":3}}""");
        await run.Delay(5);
        run.Cluster.Apply(Manifest(1, "cpu: 5").Replace("name: a,", "name: b,", StringComparison.Ordinal));
        await run.Delay(5);
        Assert.Equal(3, (await run.ItemsAsync("/api/v1/namespaces/default/pods")).Count(p => p["spec"]!["nodeName"] is not null));
        await run.Client.PatchAsync("/apis/apps/v1/namespaces/default/deployments/a/scale", """{"spec":{"replicas":2}}""");
        await run.Delay(10);
        var pods = await run.ItemsAsync("/api/v1/namespaces/default/pods");
        Assert.Equal(3, pods.Count);
        Assert.All(pods, p => Assert.NotNull(p["spec"]!["nodeName"]));
    });

    [Fact]
    public void Pods_WaitForAStoppedScheduler() => TwinRun.Go(async run =>
    {
        run.Cluster.StopScheduler();
        run.Cluster.Apply(TwinRun.Deployment("a"));
        await run.Delay(60);
        var pods = await run.ItemsAsync("/api/v1/namespaces/default/pods");
        Assert.Equal(3, pods.Count);
        Assert.All(pods, p => Assert.Null(p["spec"]!["nodeName"]));
        run.Cluster.StartScheduler();
        await run.SettleAsync();
    });

    [Fact]
    public void Pods_AreNotReplaced_WhileTheControllerManagerIsStopped() => TwinRun.Go(async run =>
    {
        await run.SettleAsync(TwinRun.Deployment("a"));
        run.Cluster.StopControllerManager();
        await run.DeleteAsync($"/api/v1/namespaces/default/pods/{(await run.PodNamesAsync("a"))[0]}");
        run.Cluster.StopKubelet("node1");
        await run.Delay(120);
        Assert.Equal(2, (await run.PodNamesAsync("a")).Count);
        Assert.Equal("True", (string?)(await run.Client.GetAsync("/api/v1/nodes/node1"))["status"]!["conditions"]![3]!["status"]);
        run.Cluster.StartKubelet("node1");
        run.Cluster.StartControllerManager();
        await run.Delay(5);
        Assert.Equal(3, (await run.PodNamesAsync("a")).Count);
        await run.SettleAsync();
    });

    [Theory]
    [InlineData("podAntiAffinity: { R: [ { topologyKey: kubernetes.io/hostname, labelSelector: { matchLabels: { app: a } } } ] }", 3, "3 node(s) didn't match pod anti-affinity rules", "3 No preemption victims found for incoming pod")]
    [InlineData("podAntiAffinity: { R: [ { topologyKey: topology.kubernetes.io/zone, namespaceSelector: {}, labelSelector: { matchExpressions: [ { key: app, operator: In, values: [a] } ] } } ] }", 3, "3 node(s) didn't match pod anti-affinity rules", "3 No preemption victims found for incoming pod")]
    [InlineData("podAffinity: { R: [ { topologyKey: kubernetes.io/hostname, labelSelector: { matchLabels: { app: none } } } ] }", 0, "3 node(s) didn't match pod affinity rules", "3 Preemption is not helpful for scheduling")]
    [InlineData("podAffinity: { R: [ { topologyKey: kubernetes.io/hostname, labelSelector: { matchLabels: { app: a } } } ] }", 5, null, null)]
    public void Pods_ThatLookAtTheirNeighbours_GoWhereTheyMay(string affinity, int placed, string? reason, string? preemption) => TwinRun.Go(async run =>
    {
        run.Cluster.Apply(Manifest(5, "cpu: 10m", $"affinity: {{ {affinity.Replace("R:", "requiredDuringSchedulingIgnoredDuringExecution:", StringComparison.Ordinal)} }}"));
        await run.Delay(5);
        var pods = await run.ItemsAsync("/api/v1/namespaces/default/pods");
        var nodes = pods.Select(p => (string?)p["spec"]!["nodeName"]).OfType<string>().ToList();
        Assert.Equal(placed, nodes.Count);
        if (reason is null)
        {
            // The first may go anywhere, the others follow it.
            Assert.Single(nodes.Distinct());
            return;
        }

        Assert.Equal(nodes.Count, nodes.Distinct().Count());
        var waiting = pods.First(p => p["spec"]!["nodeName"] is null);
        Assert.Equal(
            $"0/3 nodes are available: {reason}. no new claims to deallocate, preemption: 0/3 nodes are available: {preemption}.",
            (string?)waiting["status"]!["conditions"]![0]!["message"]);
    });

    [Fact]
    public void Pod_ThatOthersDoNotBear_WaitsUntilOneOfThemIsGone() => TwinRun.Go(async run =>
    {
        run.Cluster.Apply(Manifest(3, "cpu: 10m", "affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [ { topologyKey: kubernetes.io/hostname, labelSelector: { matchExpressions: [ { key: app, operator: Exists } ] } } ] } }"));
        await run.Delay(5);
        run.Cluster.Apply(Manifest(1, "cpu: 10m").Replace("name: a,", "name: b,", StringComparison.Ordinal).Replace("app: a", "app: b", StringComparison.Ordinal));
        await run.Delay(5);
        var waiting = Assert.Single(await run.ItemsAsync("/api/v1/namespaces/default/pods?labelSelector=app%3Db"));
        Assert.StartsWith("0/3 nodes are available: 3 node(s) didn't satisfy existing pods anti-affinity rules.", (string?)waiting["status"]!["conditions"]![0]!["message"], StringComparison.Ordinal);
        await run.Client.PatchAsync("/apis/apps/v1/namespaces/default/deployments/a/scale", """{"spec":{"replicas":2}}""");
        await run.Delay(5);
        Assert.NotNull(Assert.Single(await run.ItemsAsync("/api/v1/namespaces/default/pods?labelSelector=app%3Db"))["spec"]!["nodeName"]);
    });

    [Fact]
    public void Pods_ThatMustBeSpread_WaitRatherThanCrowd() => TwinRun.Go(async run =>
    {
        const string Spread = "topologySpreadConstraints: [ { maxSkew: 1, topologyKey: TOPOLOGY, whenUnsatisfiable: DoNotSchedule, labelSelector: { matchLabels: { app: a } } } ]";
        await run.Client.PatchAsync("/api/v1/nodes/node3", """{"spec":{"unschedulable":true}}""");
        run.Cluster.Apply(Manifest(4, "cpu: 10m", Spread.Replace("TOPOLOGY", "topology.kubernetes.io/zone", StringComparison.Ordinal)));
        await run.Delay(5);
        var pods = await run.ItemsAsync("/api/v1/namespaces/default/pods");

        // The cordoned node's zone stays empty, and it counts: nodes' taints are not looked at here.
        Assert.Equal(2, pods.Count(p => p["spec"]!["nodeName"] is not null));
        Assert.Equal(
            "0/3 nodes are available: 1 node(s) were unschedulable, 2 node(s) didn't match pod topology spread constraints. no new claims to deallocate, preemption: 0/3 nodes are available: 1 Preemption is not helpful for scheduling, 2 No preemption victims found for incoming pod.",
            (string?)pods.First(p => p["spec"]!["nodeName"] is null)["status"]!["conditions"]![0]!["message"]);
        await run.Client.PatchAsync("/api/v1/nodes/node3", """{"spec":{"unschedulable":null}}""");
        await run.Delay(5);
        Assert.Equal(4, (await run.ItemsAsync("/api/v1/namespaces/default/pods")).Count(p => p["spec"]!["nodeName"] is not null));
        run.Cluster.Apply(Manifest(1, "cpu: 10m", Spread.Replace("TOPOLOGY", "example.com/rack", StringComparison.Ordinal)).Replace("name: a,", "name: c,", StringComparison.Ordinal).Replace("app: a", "app: c", StringComparison.Ordinal));
        await run.Delay(5);
        Assert.StartsWith(
            "0/3 nodes are available: 3 node(s) didn't match pod topology spread constraints (missing required label).",
            (string?)Assert.Single(await run.ItemsAsync("/api/v1/namespaces/default/pods?labelSelector=app%3Dc"))["status"]!["conditions"]![0]!["message"], StringComparison.Ordinal);
    });

    private static string Manifest(int replicas, string requests, string spec = "") => $$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata: { name: a, namespace: default }
        spec:
          replicas: {{replicas}}
          selector: { matchLabels: { app: a } }
          template:
            metadata: { labels: { app: a } }
            spec: { {{spec}}{{(spec.Length > 0 ? ", " : "")}}terminationGracePeriodSeconds: 1, containers: [{ name: app, image: "registry.example/app:1", resources: { requests: { {{requests}} } } }] }
        """;
}
