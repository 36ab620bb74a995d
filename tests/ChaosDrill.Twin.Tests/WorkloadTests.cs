namespace ChaosDrill.Twin.Tests;

/// <summary>Stateful sets, daemon sets and jobs, as statefulset-daemonset-job.jsonl of the recordings shows them.</summary>
public sealed class WorkloadTests
{
    private const string Template = """
          selector: { matchLabels: { app: s } }
          template:
            metadata: { labels: { app: s } }
            spec: { terminationGracePeriodSeconds: 2, containers: [{ name: app, image: "registry.example/app:1" }] }
        """;

    private const string StatefulSet = $$"""
        apiVersion: apps/v1
        kind: StatefulSet
        metadata: { name: s, namespace: default }
        spec:
          replicas: 2
          serviceName: s
        {{Template}}
        """;

    private const string DaemonSet = $$"""
        apiVersion: apps/v1
        kind: DaemonSet
        metadata: { name: d, namespace: default }
        spec:
        {{Template}}
        """;

    [Fact]
    public void StatefulSet_StartsInOrder_AndReplacesAKilledPodUnderItsName() => TwinRun.Go(async run =>
    {
        run.Cluster.Apply(StatefulSet);
        await run.Delay(1);
        Assert.Equal(["s-0"], await run.PodNamesAsync("s"));
        await run.SettleAsync();
        Assert.Equal(["s-0", "s-1"], await run.PodNamesAsync("s"));
        var before = await run.Client.GetAsync("/api/v1/namespaces/default/pods/s-0");
        Assert.Equal("s", (string?)before["spec"]!["subdomain"]);
        Assert.Equal("0", (string?)before["metadata"]!["labels"]!["apps.kubernetes.io/pod-index"]);
        await run.DeleteAsync("/api/v1/namespaces/default/pods/s-0", """{"gracePeriodSeconds":0}""");
        await run.Delay(0.1);
        await run.SettleAsync();
        var after = await run.Client.GetAsync("/api/v1/namespaces/default/pods/s-0");
        Assert.NotEqual((string?)before["metadata"]!["uid"], (string?)after["metadata"]!["uid"]);
        var status = (await run.Client.GetAsync("/apis/apps/v1/namespaces/default/statefulsets/s"))["status"]!.AsObject();
        Assert.Equal(["observedGeneration", "replicas", "readyReplicas", "currentReplicas", "updatedReplicas", "currentRevision", "updateRevision", "collisionCount", "availableReplicas"], status.Select(s => s.Key));
    });

    [Fact]
    public void StatefulSet_Updating_GoesFromTheLastPodDownToThePartition() => TwinRun.Go(async run =>
    {
        await run.SettleAsync(StatefulSet);
        await run.Client.PatchAsync("/apis/apps/v1/namespaces/default/statefulsets/s",
            """{"spec":{"updateStrategy":{"rollingUpdate":{"partition":1}},"template":{"metadata":{"annotations":{"a":"b"}}}}}""");
        await run.Delay(10);
        var set = await run.Client.GetAsync("/apis/apps/v1/namespaces/default/statefulsets/s");
        Assert.Equal(1, (long)set["status"]!["updatedReplicas"]!);
        Assert.NotEqual((string?)set["status"]!["currentRevision"], (string?)set["status"]!["updateRevision"]);
        await run.DeleteAsync("/api/v1/namespaces/default/pods/s-0");
        await run.Delay(10);
        Assert.Null((await run.Client.GetAsync("/api/v1/namespaces/default/pods/s-0"))["metadata"]!["annotations"]);
        await run.Client.PatchAsync("/apis/apps/v1/namespaces/default/statefulsets/s", """{"spec":{"updateStrategy":{"rollingUpdate":{"partition":0}}}}""");
        await run.Delay(0.1);
        await run.SettleAsync();
        Assert.Equal(2, (await run.ItemsAsync("/apis/apps/v1/namespaces/default/controllerrevisions")).Count);
        var (status, body) = await run.Client.SendAsync("PATCH", "/apis/apps/v1/namespaces/default/statefulsets/s", """{"spec":{"serviceName":"t"}}""", "application/merge-patch+json");
        Assert.Equal(422, status);
        Assert.Contains("updates to statefulset spec for fields other than", (string?)body!["message"], StringComparison.Ordinal);
    });

    [Fact]
    public void StatefulSet_ScaledDown_LosesItsLastPodsFirst() => TwinRun.Go(async run =>
    {
        await run.SettleAsync(StatefulSet.Replace("replicas: 2", "replicas: 3", StringComparison.Ordinal));
        await run.Client.PatchAsync("/apis/apps/v1/namespaces/default/statefulsets/s/scale", """{"spec":{"replicas":1}}""");
        await run.Delay(0.2);
        Assert.Equal(["s-0", "s-1", "s-2"], await run.PodNamesAsync("s"));
        await run.Delay(5);
        Assert.Equal(["s-0"], await run.PodNamesAsync("s"));
    });

    [Fact]
    public void DaemonSet_RunsOnEachNode_CordonedOrNot() => TwinRun.Go(async run =>
    {
        await run.Client.PatchAsync("/api/v1/nodes/node2", """{"spec":{"unschedulable":true}}""");
        run.Cluster.Apply(DaemonSet);
        await run.Delay(5);
        var pods = await run.ItemsAsync("/api/v1/namespaces/default/pods");
        Assert.Equal(["node1", "node2", "node3"], pods.Select(p => (string?)p["spec"]!["nodeName"]).Order());
        var set = await run.Client.GetAsync("/apis/apps/v1/namespaces/default/daemonsets/d");
        Assert.Equal("""{"currentNumberScheduled":3,"numberMisscheduled":0,"desiredNumberScheduled":3,"numberReady":3,"observedGeneration":1,"updatedNumberScheduled":3,"numberAvailable":3}""", set["status"]!.ToJsonString());
        await run.DeleteAsync($"/api/v1/namespaces/default/pods/{pods[0]["metadata"]!["name"]}", """{"gracePeriodSeconds":0}""");
        await run.Delay(5);
        Assert.Equal(3, (await run.ItemsAsync("/api/v1/namespaces/default/pods")).Count);
        await run.Client.PatchAsync("/apis/apps/v1/namespaces/default/daemonsets/d", """{"spec":{"template":{"metadata":{"annotations":{"a":"b"}}}}}""");
        await run.Delay(0.1);
        Assert.Equal(2, (long)(await run.Client.GetAsync("/apis/apps/v1/namespaces/default/daemonsets/d"))["status"]!["numberAvailable"]!);
        await run.Delay(20);
        Assert.Equal(3, (long)(await run.Client.GetAsync("/apis/apps/v1/namespaces/default/daemonsets/d"))["status"]!["updatedNumberScheduled"]!);
        await run.Client.PatchAsync("/apis/apps/v1/namespaces/default/daemonsets/d", """{"spec":{"template":{"spec":{"nodeSelector":{"kubernetes.io/hostname":"node1"}}}}}""");
        await run.Delay(20);
        Assert.Equal("node1", (string?)Assert.Single(await run.ItemsAsync("/api/v1/namespaces/default/pods"))["spec"]!["nodeName"]);
    });

    [Theory]
    [InlineData("0", "Complete", "CompletionsReached")]
    [InlineData("3", "Failed", "BackoffLimitExceeded")]
    public void Job_RunsUntilItsPodsEnd(string exitCode, string condition, string reason) => TwinRun.Go(async run =>
    {
        run.Cluster.Apply($$"""
            apiVersion: batch/v1
            kind: Job
            metadata: { name: j, namespace: default }
            spec:
              backoffLimit: 1
              template:
                metadata: { labels: { app: j }, annotations: { twin.chaosdrill.dev/run-for: 3s, twin.chaosdrill.dev/exit-code: "{{exitCode}}" } }
                spec: { restartPolicy: Never, containers: [{ name: app, image: "registry.example/app:1" }] }
            """);
        await run.Delay(2);
        var job = await run.Client.GetAsync("/apis/batch/v1/namespaces/default/jobs/j");
        Assert.Equal("""{"active":1,"terminating":0,"uncountedTerminatedPods":{},"ready":1}""", Without(job["status"]!.AsObject(), "startTime"));
        await run.Delay(8);
        Assert.Single(await run.ItemsAsync("/api/v1/namespaces/default/pods"));
        await run.Delay(60);
        job = await run.Client.GetAsync("/apis/batch/v1/namespaces/default/jobs/j");
        var last = job["status"]!["conditions"]!.AsArray()[^1]!;
        Assert.Equal((condition, reason), ((string?)last["type"], (string?)last["reason"]));
        var pods = await run.ItemsAsync("/api/v1/namespaces/default/pods");
        Assert.Equal(exitCode == "0" ? 1 : 2, pods.Count);
        Assert.All(pods, p => Assert.Null(p["metadata"]!["finalizers"]));
        await run.DeleteAsync("/apis/batch/v1/namespaces/default/jobs/j", """{"propagationPolicy":"Background"}""");
        await run.Delay(2);
        Assert.Empty(await run.ItemsAsync("/api/v1/namespaces/default/pods"));
    });

    [Theory]
    [InlineData("[\"false\"]", 1)]
    [InlineData("[\"/bin/true\"]", 0)]
    public void Pod_WhoseCommandEndsAtOnce_CrashesAgainAndAgain(string command, int exitCode) => TwinRun.Go(async run =>
    {
        run.Cluster.Apply($$"""
            apiVersion: v1
            kind: Pod
            metadata: { name: p, namespace: default }
            spec: { containers: [{ name: app, image: "registry.example/app:1", command: {{command}} }] }
            """);
        await run.Delay(60);
        var status = (await run.Client.GetAsync("/api/v1/namespaces/default/pods/p"))["status"]!["containerStatuses"]![0]!;
        Assert.Equal("CrashLoopBackOff", (string?)status["state"]!["waiting"]!["reason"]);
        Assert.Equal(exitCode, (int)status["lastState"]!["terminated"]!["exitCode"]!);
        Assert.Equal((3, false), ((int)status["restartCount"]!, (bool)status["ready"]!));
    });

    private static string Without(System.Text.Json.Nodes.JsonObject json, string field)
    {
        json.Remove(field);
        return json.ToJsonString();
    }
}
