using System.Text.Json.Nodes;

namespace ChaosDrill.Twin.Tests;

/// <summary>Lost nodes, as node-failure.jsonl of the recordings and section 4 of the reference show them.</summary>
public sealed class NodeFailureTests
{
    private const string Tolerations = "\n      tolerations: [{ key: node.kubernetes.io/unreachable, operator: Exists, effect: NoExecute, tolerationSeconds: 5 }]";

    [Fact]
    public void Node_ThatIsSilent_IsTaintedItsPodsAreReplaced_AndItReturns() => TwinRun.Go(async run =>
    {
        await run.SettleAsync(Manifest(Tolerations));
        run.Cluster.StopKubelet("node3");
        var lost = await UntilAsync(run, async () => Ready(await NodeAsync(run)) == "Unknown");
        Assert.InRange(lost, 40, 55);
        var node = await NodeAsync(run);
        Assert.Equal("Kubelet stopped posting node status.", (string?)node["status"]!["conditions"]![3]!["message"]);
        Assert.InRange(await UntilAsync(run, async () => Taints(await NodeAsync(run)) == "unreachable:NoExecute,unreachable:NoSchedule"), 0, 0.2);
        Assert.All(await PodsAsync(run), p => Assert.Equal("False", Ready(p)));
        Assert.Equal(4, (long)(await run.Client.GetAsync("/apis/apps/v1/namespaces/default/deployments/a"))["status"]!["availableReplicas"]!);

        Assert.InRange(await UntilAsync(run, async () => (await PodsAsync(run)).TrueForAll(p => p["metadata"]!["deletionTimestamp"] is not null)), 4.7, 5.2);
        Assert.All(await PodsAsync(run), p => Assert.Contains("DeletionByTaintManager", p.ToJsonString(), StringComparison.Ordinal));
        await run.Delay(60);
        Assert.Equal(2, (await PodsAsync(run)).Count);
        Assert.Equal(6, (long)(await run.Client.GetAsync("/apis/apps/v1/namespaces/default/deployments/a"))["status"]!["availableReplicas"]!);

        run.Cluster.StartKubelet("node3");
        Assert.InRange(await UntilAsync(run, async () => Taints(await NodeAsync(run)) == "unreachable:NoExecute"), 0, 0.2);
        Assert.Equal("True", Ready(await NodeAsync(run)));
        Assert.InRange(await UntilAsync(run, async () => Taints(await NodeAsync(run)).Length == 0), 0, 5.2);
        Assert.Empty(await PodsAsync(run));
        var events = (await run.ItemsAsync("/api/v1/events")).Select(e => $"{e["reason"]}: {e["message"]}").ToList();
        Assert.Contains("NodeNotReady: Node is not ready", events);
        Assert.Contains("NodeNotReady: Node node3 status is now: NodeNotReady", events);
        Assert.Contains(events, e => e.StartsWith("TaintManagerEviction: Marking for deletion Pod default/a-", StringComparison.Ordinal));
    });

    [Fact]
    public void Kubelet_StoppedByAnAnnotation_StartsAsTheAnnotationGoes() => TwinRun.Go(async run =>
    {
        await run.SettleAsync(Manifest(""));
        await run.Client.PatchAsync("/api/v1/nodes/node3", """{"metadata":{"annotations":{"twin.chaosdrill.dev/kubelet":"stopped"}}}""");
        Assert.InRange(await UntilAsync(run, async () => Ready(await NodeAsync(run)) == "Unknown"), 40, 55);
        await run.Client.PatchAsync("/api/v1/nodes/node3", """{"metadata":{"annotations":{"twin.chaosdrill.dev/kubelet":null}}}""");
        Assert.InRange(await UntilAsync(run, async () => Ready(await NodeAsync(run)) == "True"), 0, 0.2);
        Assert.InRange(await UntilAsync(run, async () => (await PodsAsync(run)).TrueForAll(p => Ready(p) == "True")), 0, 0.2);
    });

    [Fact]
    public void Node_ThatReturnsInTime_KeepsItsPods() => TwinRun.Go(async run =>
    {
        await run.SettleAsync(Manifest(""));
        var before = (await PodsAsync(run)).Select(p => (string?)p["metadata"]!["uid"]).ToList();
        run.Cluster.StopKubelet("node3");
        await run.Delay(200);
        Assert.All(await PodsAsync(run), p => Assert.Null(p["metadata"]!["deletionTimestamp"]));
        run.Cluster.StartKubelet("node3");
        await run.Delay(300);
        Assert.Equal(before, (await PodsAsync(run)).Select(p => (string?)p["metadata"]!["uid"]));
        Assert.All(await PodsAsync(run), p => Assert.Equal("True", Ready(p)));
        Assert.Contains(await run.ItemsAsync("/api/v1/events"), e => ((string)e["message"]!).StartsWith("Cancelling deletion of Pod", StringComparison.Ordinal));
    });

    [Fact]
    public void Pods_WithoutTolerations_AreEvictedAfterFiveMinutes_AndGoWhenTheNodeIsOutOfService() => TwinRun.Go(async run =>
    {
        await run.SettleAsync(Manifest(""));
        run.Cluster.StopKubelet("node3");
        Assert.InRange(await UntilAsync(run, async () => (await PodsAsync(run)).TrueForAll(p => p["metadata"]!["deletionTimestamp"] is not null)), 340, 356);
        await run.Delay(100);
        Assert.Equal(2, (await PodsAsync(run)).Count);
        var taints = (JsonArray)(await NodeAsync(run))["spec"]!["taints"]!.DeepClone();
        taints.Add(new JsonObject { ["key"] = "node.kubernetes.io/out-of-service", ["value"] = "nodeshutdown", ["effect"] = "NoExecute" });
        await run.Client.PatchAsync("/api/v1/nodes/node3", new JsonObject { ["spec"] = new JsonObject { ["taints"] = taints } }.ToJsonString());
        Assert.InRange(await UntilAsync(run, async () => (await PodsAsync(run)).Count == 0), 0, 20.1);
    });

    [Fact]
    public void Nodes_AreNotBlamedForAnApiServerThatIsAway() => TwinRun.Go(async run =>
    {
        await run.SettleAsync(Manifest(""));
        run.Cluster.PauseApi();
        await run.Delay(120);
        run.Cluster.ResumeApi();
        await run.Delay(30);
        Assert.Equal("True", Ready(await NodeAsync(run)));
    });

    [Fact]
    public void Node_Cordoned_IsTainted_AndTheTaintGoesWithTheCordon() => TwinRun.Go(async run =>
    {
        await run.Client.PatchAsync("/api/v1/nodes/node3", """{"spec":{"unschedulable":true}}""");
        await run.Delay(0.1);
        Assert.Equal("unschedulable:NoSchedule", Taints(await NodeAsync(run)));
        await run.Client.PatchAsync("/api/v1/nodes/node3", """{"spec":{"unschedulable":null}}""");
        await run.Delay(0.1);
        Assert.Equal("", Taints(await NodeAsync(run)));
    });

    [Fact]
    public void Pods_OfADeletedNode_AreCollected() => TwinRun.Go(async run =>
    {
        await run.SettleAsync(Manifest(""));
        run.Cluster.StopKubelet("node3");
        await run.DeleteAsync("/api/v1/nodes/node3");
        Assert.InRange(await UntilAsync(run, async () => (await PodsAsync(run)).Count == 0), 40, 61);
    });

    private static string Manifest(string extra) => TwinRun.Deployment("a", 6).Replace("terminationGracePeriodSeconds: 5", "terminationGracePeriodSeconds: 5" + extra, StringComparison.Ordinal);

    private static Task<JsonObject> NodeAsync(TwinRun run) => run.Client.GetAsync("/api/v1/nodes/node3");

    private static Task<List<JsonObject>> PodsAsync(TwinRun run) => run.ItemsAsync("/api/v1/namespaces/default/pods?fieldSelector=spec.nodeName%3Dnode3");

    private static string? Ready(JsonObject json) => (string?)json["status"]!["conditions"]!.AsArray().First(c => (string?)c!["type"] == "Ready")!["status"];

    private static string Taints(JsonObject node) => string.Join(',', (node["spec"]!["taints"] as JsonArray ?? []).Select(t => $"{((string)t!["key"]!)["node.kubernetes.io/".Length..]}:{t["effect"]}").Order(StringComparer.Ordinal));

    /// <summary>How many seconds something takes.</summary>
    private static async Task<double> UntilAsync(TwinRun run, Func<Task<bool>> condition)
    {
        var start = run.Clock.Elapsed;
        while (!await condition())
        {
            Assert.True(run.Clock.Elapsed - start < TimeSpan.FromMinutes(10), "It never happens.");
            await run.Delay(0.1);
        }

        return (run.Clock.Elapsed - start).TotalSeconds;
    }
}
