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

    private static string Manifest(int replicas, string requests) => $$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata: { name: a, namespace: default }
        spec:
          replicas: {{replicas}}
          selector: { matchLabels: { app: a } }
          template:
            metadata: { labels: { app: a } }
            spec: { terminationGracePeriodSeconds: 1, containers: [{ name: app, image: "registry.example/app:1", resources: { requests: { {{requests}} } } }] }
        """;
}
