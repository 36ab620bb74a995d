using System.Text.Json.Nodes;

namespace ChaosDrill.Twin.Tests;

public sealed class PodKillTests
{
    private const string Pods = "/api/v1/namespaces/default/pods";

    [Fact]
    public void Shop_Applied_SettlesAndServes() => TwinRun.Go(async run =>
    {
        await run.SettleAsync(Shop.Manifest);
        var (status, body) = await run.Client.SendAsync("GET", "/api/v1/namespaces/shop/services/http:storefront:80/proxy/healthz");
        Assert.True(status == 200, $"{status} {body}");
        Assert.Equal("/healthz", (string?)body!["path"]);
        Assert.InRange(run.Clock.Elapsed.TotalSeconds, 2.5, 2.7);
    });

    [Fact]
    public void Image_ThatARunningPodIsGiven_IsStartedInPlace() => TwinRun.Go(async run =>
    {
        await run.SettleAsync(TwinRun.Deployment("a", 1));
        var path = $"{Pods}/{(await run.PodNamesAsync("a"))[0]}";
        await run.Client.PatchAsync(path, """{"spec":{"containers":[{"name":"app","image":"invalid.example/none:1"}]}}""", "strategic-merge");
        await run.Delay(0.5);
        var broken = await run.Client.GetAsync(path);
        Assert.False(Ready(broken).Length > 0);
        Assert.Equal("ErrImagePull", (string?)broken["status"]!["containerStatuses"]![0]!["state"]!["waiting"]!["reason"]);
        await run.Delay(20);
        await run.Client.PatchAsync(path, """{"spec":{"containers":[{"name":"app","image":"registry.example/app:2"}]}}""", "strategic-merge");
        await run.Delay(1.5);
        var mended = await run.Client.GetAsync(path);
        Assert.Equal("ready", Ready(mended));
        Assert.Equal("registry.example/app:2", (string?)mended["status"]!["containerStatuses"]![0]!["image"]);
        Assert.Equal((string?)broken["metadata"]!["uid"], (string?)mended["metadata"]!["uid"]);
    });

    [Fact]
    public void ForcedKill_OfOneOfThree_ShowsTheRecordedOrderOfEvents() => TwinRun.Go(async run =>
    {
        await run.SettleAsync(TwinRun.Deployment("a"));
        await run.Delay(1);
        var victim = (await run.PodNamesAsync("a"))[0];
        var version = (string)(await run.Client.GetAsync(Pods))["metadata"]!["resourceVersion"]!;
        using var watch = await run.Client.WatchAsync($"{Pods}?watch=true&resourceVersion={version}");
        var killed = await run.DeleteAsync($"{Pods}/{victim}", """{"kind":"DeleteOptions","apiVersion":"v1","gracePeriodSeconds":0}""");
        Assert.Equal(0, (long)killed["metadata"]!["deletionGracePeriodSeconds"]!);

        var seen = new List<string>();
        while (seen.Count < 7)
        {
            var (type, pod) = (await watch.NextAsync())!.Value;
            var who = (string)pod["metadata"]!["name"]! == victim ? "victim" : "replacement";
            seen.Add($"{type} {who} {(pod["metadata"]!["deletionTimestamp"] is null ? "" : "deleting ")}{(pod["spec"]!["nodeName"] is null ? "unscheduled" : "")}{Ready(pod)}".TrimEnd());
        }

        Assert.Equal(
        [
            "MODIFIED victim deleting ready", "DELETED victim deleting ready", "ADDED replacement unscheduled", "MODIFIED replacement",
            "MODIFIED replacement", "MODIFIED replacement", "MODIFIED replacement ready",
        ],
        seen);
    });

    [Fact]
    public void GracefulDelete_LeavesEndpointsAtOnceAndThePodWhenItsContainersEnd() => TwinRun.Go(async run =>
    {
        await run.SettleAsync(TwinRun.Deployment("a", annotations: "twin.chaosdrill.dev/termination-delay: 3s"));
        await run.Delay(1);
        var victim = (await run.PodNamesAsync("a"))[0];
        var answer = await run.DeleteAsync($"{Pods}/{victim}");
        Assert.Equal(5, (long)answer["metadata"]!["deletionGracePeriodSeconds"]!);
        await run.Delay(0.1);
        var endpoint = (await EndpointsAsync(run)).Single(e => (string)e["targetRef"]!["name"]! == victim);
        Assert.Equal("""{"ready":false,"serving":true,"terminating":true}""", endpoint["conditions"]!.ToJsonString());
        Assert.Equal(4, (await run.PodNamesAsync("a")).Count);
        await run.Delay(2.8);
        Assert.Contains(victim, await run.PodNamesAsync("a"));
        await run.Delay(0.3);
        Assert.DoesNotContain(victim, await run.PodNamesAsync("a"));
        Assert.DoesNotContain(await EndpointsAsync(run), e => (string)e["targetRef"]!["name"]! == victim);
    });

    [Fact]
    public void TerminationDelay_LongerThanTheGrace_IsCutShort() => TwinRun.Go(async run =>
    {
        await run.SettleAsync(TwinRun.Deployment("a", annotations: "twin.chaosdrill.dev/termination-delay: 1h"));
        var victim = (await run.PodNamesAsync("a"))[0];
        await run.DeleteAsync($"{Pods}/{victim}");
        await run.Delay(4.9);
        Assert.Contains(victim, await run.PodNamesAsync("a"));
        await run.Delay(0.2);
        Assert.DoesNotContain(victim, await run.PodNamesAsync("a"));
    });

    [Fact]
    public void Replacement_WithDelays_IsReadyExactlyThen() => TwinRun.Go(
        async run =>
        {
            await run.SettleAsync(TwinRun.Deployment("a", annotations: "twin.chaosdrill.dev/start-delay: 300ms, twin.chaosdrill.dev/ready-delay: 7s"));
            await run.Delay(1);
            var known = (await run.PodNamesAsync("a")).ToHashSet();
            var start = run.Clock.Elapsed;
            await run.DeleteAsync($"{Pods}/{known.First()}", """{"gracePeriodSeconds":0}""");
            await run.Delay(20);
            var ready = run.Cluster.History.First(c => c.Resource == "pods" && !known.Contains(c.Name) && c.Ready == true);
            Assert.Equal(TimeSpan.FromSeconds(7.3), TimeSpan.FromTicks(ready.Timestamp) - start);
        },
        new TwinOptions { ControlPlaneDelay = TimeSpan.Zero });

    [Fact]
    public void Flap_AsAnnotated_IsNotReadyOnceForThatLong() => TwinRun.Go(async run =>
    {
        run.Cluster.Apply(TwinRun.Deployment("a", 1, "twin.chaosdrill.dev/flap: \"after=2s,for=1s\""));
        await run.Delay(30);
        var changes = run.Cluster.History.Where(c => c.Resource == "pods").ToList();
        var flips = new List<(bool Ready, TimeSpan At)>();
        foreach (var change in changes)
        {
            if (flips.Count == 0 ? change.Ready == true : change.Ready != flips[^1].Ready)
            {
                flips.Add((change.Ready!.Value, TimeSpan.FromTicks(change.Timestamp)));
            }
        }

        Assert.Equal([true, false, true], flips.Select(f => f.Ready));
        Assert.Equal(TimeSpan.FromSeconds(2), flips[1].At - flips[0].At);
        Assert.Equal(TimeSpan.FromSeconds(1), flips[2].At - flips[1].At);
    });

    [Fact]
    public void NeverReady_PodRunsButIsNotServed() => TwinRun.Go(async run =>
    {
        run.Cluster.Apply(TwinRun.Deployment("a", 1, "twin.chaosdrill.dev/never-ready: \"true\""));
        await run.Delay(60);
        var pod = (await run.ItemsAsync(Pods))[0];
        Assert.Equal("Running", (string?)pod["status"]!["phase"]);
        Assert.Equal("", Ready(pod));
        var settled = await Assert.ThrowsAsync<TimeoutException>(() => run.Cluster.WaitUntilSettledAsync(TimeSpan.FromSeconds(5)));
        Assert.Contains("deployment default/a has 0 of 1 available", settled.Message, StringComparison.Ordinal);
    });

    [Fact]
    public void DeploymentStatus_ToldToLag_TrailsThePods() => TwinRun.Go(async run =>
    {
        await run.SettleAsync(TwinRun.Deployment("a"));
        await run.Delay(1);
        run.Cluster.DeploymentStatusLag = TimeSpan.FromSeconds(10);
        await run.DeleteAsync($"{Pods}/{(await run.PodNamesAsync("a"))[0]}", """{"gracePeriodSeconds":0}""");
        await run.Delay(5);
        Assert.Equal(3, (long)(await run.Client.GetAsync("/apis/apps/v1/namespaces/default/deployments/a"))["status"]!["availableReplicas"]!);
        await run.Delay(5.5);
        Assert.Equal(2, (long)(await run.Client.GetAsync("/apis/apps/v1/namespaces/default/deployments/a"))["status"]!["availableReplicas"]!);
        await run.Delay(10);
        Assert.Equal(3, (long)(await run.Client.GetAsync("/apis/apps/v1/namespaces/default/deployments/a"))["status"]!["availableReplicas"]!);
    });

    [Fact]
    public void Kubelet_Stopped_ReportsNothingUntilStarted() => TwinRun.Go(async run =>
    {
        run.Cluster.StopKubelet("node1");
        run.Cluster.Apply(TwinRun.Deployment("a", 1));
        await run.Delay(30);
        Assert.Null((await run.ItemsAsync(Pods))[0]["status"]!["startTime"]);
        run.Cluster.StartKubelet("node1");
        await run.SettleAsync();
        Assert.Throws<ArgumentException>(() => run.Cluster.StopKubelet("node9"));
    }, new TwinOptions { Nodes = 1 });

    [Fact]
    public void Eviction_OfAPod_AnswersCreatedAndMarksThePod() => TwinRun.Go(async run =>
    {
        await run.SettleAsync(TwinRun.Deployment("a"));
        var victim = (await run.PodNamesAsync("a"))[0];
        var (status, _) = await run.Client.SendAsync("POST", $"{Pods}/{victim}/eviction", $$"""{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"{{victim}}","namespace":"default"} }""");
        Assert.Equal(201, status);
        var pod = await run.Client.GetAsync($"{Pods}/{victim}");
        Assert.Contains((JsonArray)pod["status"]!["conditions"]!, c => (string?)c!["type"] == "DisruptionTarget" && (string?)c["reason"] == "EvictionByEvictionAPI");
        Assert.NotNull(pod["metadata"]!["deletionTimestamp"]);
    });

    [Fact]
    public void FiveMinutes_OfKillsAndProbes_PassInVirtualTime() => TwinRun.Go(async run =>
    {
        await run.SettleAsync(TwinRun.Deployment("a"));
        var start = run.Clock.Elapsed;
        var answers = 0;
        for (var second = 0; second < 300; second++)
        {
            if (second % 60 == 10)
            {
                await run.DeleteAsync($"{Pods}/{(await run.PodNamesAsync("a"))[0]}", """{"gracePeriodSeconds":0}""");
            }

            var (status, _) = await run.Client.SendAsync("GET", "/api/v1/namespaces/default/services/a:80/proxy/");
            answers += status == 200 ? 1 : 0;
            await run.Delay(1);
        }

        Assert.Equal(TimeSpan.FromMinutes(5), run.Clock.Elapsed - start);
        Assert.InRange(answers, 295, 300);
    });

    internal static string Ready(JsonObject pod) =>
        (pod["status"]!["conditions"] as JsonArray)?.Any(c => (string?)c!["type"] == "Ready" && (string?)c["status"] == "True") == true ? "ready" : "";

    private static async Task<List<JsonObject>> EndpointsAsync(TwinRun run) =>
    [
        .. (await run.ItemsAsync("/apis/discovery.k8s.io/v1/namespaces/default/endpointslices?labelSelector=kubernetes.io%2Fservice-name%3Da"))
            .SelectMany(s => (s["endpoints"] as JsonArray ?? []).Select(e => (JsonObject)e!)),
    ];
}
