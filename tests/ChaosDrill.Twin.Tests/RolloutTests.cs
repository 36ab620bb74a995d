using System.Text.Json.Nodes;

namespace ChaosDrill.Twin.Tests;

public sealed class RolloutTests
{
    private const string Path = "/apis/apps/v1/namespaces/default/deployments/a";
    private const string Sets = "/apis/apps/v1/namespaces/default/replicasets";

    [Fact]
    public void NewImage_RollsOutWithinSurgeAndAvailability() => TwinRun.Go(async run =>
    {
        await run.SettleAsync(TwinRun.Deployment("a", 4));
        await run.Delay(1);
        using var watch = await run.Client.WatchAsync("/api/v1/namespaces/default/pods?watch=true&resourceVersion=0&labelSelector=app%3Da");
        await run.Client.PatchAsync(Path, """{"spec":{"template":{"spec":{"containers":[{"name":"app","image":"registry.example/app:2"}]}}}}""", "strategic-merge");
        await run.SettleAsync();
        run.Cluster.CutWatches();
        var live = new Dictionary<string, bool>();
        var least = int.MaxValue;
        var most = 0;
        while (await watch.NextAsync() is { } next)
        {
            var name = (string)next.Object["metadata"]!["name"]!;
            if (next.Type == "DELETED" || next.Object["metadata"]!["deletionTimestamp"] is not null)
            {
                live.Remove(name);
            }
            else
            {
                live[name] = PodKillTests.Ready(next.Object).Length > 0;
            }

            if (live.Count >= 4 && (least != int.MaxValue || live.Values.All(r => r)))
            {
                least = Math.Min(least, live.Values.Count(r => r));
                most = Math.Max(most, live.Count);
            }
        }

        Assert.Equal(5, most);
        Assert.Equal(3, least);
        Assert.Equal(2, (await run.ItemsAsync(Sets)).Count);
        Assert.Equal("2", (string?)(await run.Client.GetAsync(Path))["metadata"]!["annotations"]!["deployment.kubernetes.io/revision"]);
    });

    [Fact]
    public void BrokenImage_MissesTheDeadlineAndIsUndone() => TwinRun.Go(async run =>
    {
        await run.SettleAsync(TwinRun.Deployment("a", 3, spec: "progressDeadlineSeconds: 8"));
        var good = (await run.ItemsAsync(Sets))[0];
        await run.Client.PatchAsync(Path, """{"spec":{"template":{"spec":{"containers":[{"name":"app","image":"registry.example/app:missing"}]}}}}""", "strategic-merge");
        await run.Delay(5);
        Assert.Equal("ReplicaSetUpdated", Condition(await run.Client.GetAsync(Path), "Progressing", "reason"));
        await run.Delay(10);
        var failed = await run.Client.GetAsync(Path);
        Assert.Equal("ProgressDeadlineExceeded", Condition(failed, "Progressing", "reason"));
        Assert.Equal("False", Condition(failed, "Progressing", "status"));
        Assert.Equal("True", Condition(failed, "Available", "status"));
        Assert.Equal(3, (long)failed["status"]!["availableReplicas"]!);
        Assert.Equal(4, (long)failed["status"]!["replicas"]!);
        var pod = (await run.ItemsAsync("/api/v1/namespaces/default/pods")).Single(p => PodKillTests.Ready(p).Length == 0);
        Assert.Contains((string?)pod["status"]!["containerStatuses"]![0]!["state"]!["waiting"]!["reason"], (string[])["ErrImagePull", "ImagePullBackOff"]);

        var template = good["spec"]!["template"]!.DeepClone();
        ((JsonObject)template["metadata"]!["labels"]!).Remove("pod-template-hash");
        await run.Client.PatchAsync(Path, $$"""[{"op":"replace","path":"/spec/template","value":{{template.ToJsonString()}}}]""", "json");
        await run.SettleAsync();
        var undone = await run.Client.GetAsync(Path);
        Assert.Equal("3", (string?)undone["metadata"]!["annotations"]!["deployment.kubernetes.io/revision"]);
        var set = (await run.ItemsAsync(Sets)).Single(s => (string?)s["metadata"]!["uid"] == (string?)good["metadata"]!["uid"]);
        Assert.Equal("1", (string?)set["metadata"]!["annotations"]!["deployment.kubernetes.io/revision-history"]);
        Assert.Equal("NewReplicaSetAvailable", Condition(undone, "Progressing", "reason"));
    });

    [Fact]
    public void Recreate_StopsTheOldBeforeItStartsTheNew() => TwinRun.Go(async run =>
    {
        await run.SettleAsync(TwinRun.Deployment("a", 3, spec: "strategy: { type: Recreate }"));
        using var watch = await run.Client.WatchAsync("/api/v1/namespaces/default/pods?watch=true&resourceVersion=now&labelSelector=app%3Da");
        await run.Client.PatchAsync(Path, """{"spec":{"template":{"metadata":{"labels":{"v":"2"}}}}}""");
        await run.SettleAsync();
        run.Cluster.CutWatches();
        var added = false;
        while (await watch.NextAsync() is { } next)
        {
            added |= next.Type == "ADDED";
            Assert.False(added && next.Type == "MODIFIED" && next.Object["metadata"]!["labels"]!["v"] is null && (string?)next.Object["status"]!["phase"] == "Running", "an old pod ran beside a new one");
        }

        Assert.True(added);
    });

    [Fact]
    public void Paused_HoldsTheTemplateButScales() => TwinRun.Go(async run =>
    {
        await run.SettleAsync(TwinRun.Deployment("a", 2));
        await run.Client.PatchAsync(Path, """{"spec":{"paused":true,"replicas":3,"template":{"metadata":{"labels":{"v":"2"}}}}}""");
        await run.Delay(10);
        Assert.Single(await run.ItemsAsync(Sets));
        Assert.Equal(3, (await run.PodNamesAsync("a")).Count);
        await run.Client.PatchAsync(Path, """{"spec":{"paused":null}}""");
        await run.SettleAsync();
        Assert.Equal(2, (await run.ItemsAsync(Sets)).Count);
    });

    [Fact]
    public void ScaledToZero_AndBack_KeepsItsReplicaSet() => TwinRun.Go(async run =>
    {
        await run.SettleAsync(TwinRun.Deployment("a"));
        var scale = await run.Client.PatchAsync(Path + "/scale", """{"spec":{"replicas":0}}""");
        Assert.Equal("{}", scale["spec"]!.ToJsonString());
        await run.Delay(10);
        Assert.Empty(await run.PodNamesAsync("a"));
        var status = (await run.Client.GetAsync(Path))["status"]!;
        Assert.Null(status["replicas"]);
        await run.Client.PatchAsync(Path + "/scale", """{"spec":{"replicas":3}}""");
        await run.SettleAsync();
        Assert.Single(await run.ItemsAsync(Sets));
    });

    [Fact]
    public void Unschedulable_Pods_SayWhyAndGoWhenTheyCan() => TwinRun.Go(async run =>
    {
        foreach (var node in (string[])["node1", "node2", "node3"])
        {
            await run.Client.PatchAsync($"/api/v1/nodes/{node}", """{"spec":{"unschedulable":true}}""", "strategic-merge");
        }

        run.Cluster.Apply(TwinRun.Deployment("a", 1));
        await run.Delay(2);
        var pod = (await run.ItemsAsync("/api/v1/namespaces/default/pods"))[0];
        Assert.StartsWith("0/3 nodes are available: 3 node(s) were unschedulable.", Condition(pod, "PodScheduled", "message"), StringComparison.Ordinal);
        await run.Client.PatchAsync("/api/v1/nodes/node2", """{"spec":{"unschedulable":null}}""", "strategic-merge");
        await run.SettleAsync();
        Assert.Equal("node2", (string?)(await run.ItemsAsync("/api/v1/namespaces/default/pods"))[0]["spec"]!["nodeName"]);
    });

    [Theory]
    [InlineData("Background", 0)]
    [InlineData("Foreground", 0)]
    [InlineData("Orphan", 3)]
    public void Deployment_DeletedWithAPolicy_LeavesThatManyPods(string policy, int left) => TwinRun.Go(async run =>
    {
        await run.SettleAsync(TwinRun.Deployment("a"));
        await run.DeleteAsync($"{Path}?propagationPolicy={policy}");
        await run.Delay(20);
        Assert.Equal(404, (await run.Client.SendAsync("GET", Path)).Status);
        Assert.Equal(left, (await run.PodNamesAsync("a")).Count);
        Assert.Equal(left > 0 ? 1 : 0, (await run.ItemsAsync(Sets)).Count);
    });

    private static string? Condition(JsonObject json, string type, string field) =>
        (string?)((JsonArray)json["status"]!["conditions"]!).Single(c => (string?)c!["type"] == type)![field];
}
