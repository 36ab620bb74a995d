using System.Text.Json.Nodes;

namespace ChaosDrill.Twin.Tests;

public sealed class QuotaTests
{
    private const string Pods = "/api/v1/namespaces/default/pods";
    private const string Quota = "/api/v1/namespaces/default/resourcequotas/q";

    [Fact]
    public void Pods_BeyondTheQuota_AreRefusedInTheServersWords() => TwinRun.Go(async run =>
    {
        await QuotaAsync(run, "pods: \"2\", requests.cpu: \"1\"");
        Assert.Equal((201, null), await PodAsync(run, "a", "cpu: 600m"));
        Assert.Equal((403, "pods \"b\" is forbidden: exceeded quota: q, requested: requests.cpu=600m, used: requests.cpu=600m, limited: requests.cpu=1"), await PodAsync(run, "b", "cpu: 600m"));
        Assert.Equal((403, "pods \"b\" is forbidden: failed quota: q: must specify requests.cpu for: app"), await PodAsync(run, "b", "memory: 1Mi"));
        Assert.Equal((201, null), await PodAsync(run, "c", "cpu: 100m"));
        Assert.Equal((403, "pods \"d\" is forbidden: exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2"), await PodAsync(run, "d", "cpu: 100m"));
        var status = (await run.Client.GetAsync(Quota))["status"]!;
        Assert.Equal("""{"hard":{"pods":"2","requests.cpu":"1"},"used":{"pods":"2","requests.cpu":"700m"}}""", status.ToJsonString());

        // A pod that is gone gives its room back.
        await run.DeleteAsync($"{Pods}/a", """{"gracePeriodSeconds":0}""");
        await run.Delay(1);
        Assert.Equal((201, null), await PodAsync(run, "d", "cpu: 100m"));
    });

    [Fact]
    public void Containers_OutOfTheLimitRange_AreRefusedAndOthersGetItsDefaults() => TwinRun.Go(async run =>
    {
        run.Cluster.Apply("""
            apiVersion: v1
            kind: LimitRange
            metadata: { name: sizes, namespace: default }
            spec: { limits: [ { type: Container, min: { cpu: 50m }, max: { cpu: "1", memory: 1Gi }, defaultRequest: { cpu: 100m } } ] }
            """);
        Assert.Equal((403, "pods \"a\" is forbidden: minimum cpu usage per Container is 50m, but request is 10m"), await PodAsync(run, "a", "cpu: 10m"));
        Assert.Equal((403, "pods \"a\" is forbidden: maximum memory usage per Container is 1Gi, but request is 2Gi"), await PodAsync(run, "a", "memory: 2Gi"));
        Assert.Equal((201, null), await PodAsync(run, "a", "memory: 64Mi"));
        var pod = await run.Client.GetAsync($"{Pods}/a");
        Assert.Equal("""{"requests":{"memory":"64Mi","cpu":"100m"},"limits":{"cpu":"1","memory":"1Gi"}}""", pod["spec"]!["containers"]![0]!["resources"]!.ToJsonString());
        Assert.Equal("LimitRanger plugin set: cpu request for container app; cpu, memory limit for container app", (string?)pod["metadata"]!["annotations"]!["kubernetes.io/limit-ranger"]);
    });

    [Fact]
    public void Quota_WhoseUseIsNotCountedYet_RefusesAll() => TwinRun.Go(async run =>
    {
        run.Cluster.StopControllerManager();
        await QuotaAsync(run, "pods: \"2\", count/configmaps: \"5\"");
        Assert.Equal((403, "pods \"a\" is forbidden: status unknown for quota: q, resources: pods"), await PodAsync(run, "a", "cpu: 1"));
        run.Cluster.StartControllerManager();
        await run.Delay(1);
        Assert.Equal((201, null), await PodAsync(run, "a", "cpu: 1"));
    });

    [Fact]
    public void Deployment_SqueezedByAQuota_SaysSoAndComesBackLater() => TwinRun.Go(async run =>
    {
        await run.SettleAsync(TwinRun.Deployment("web", 3));
        await QuotaAsync(run, "pods: \"0\"");
        await run.DeleteAsync($"{Pods}/{(await run.PodNamesAsync("web"))[0]}", """{"gracePeriodSeconds":0}""");
        await run.Delay(60);
        Assert.Equal(2, (await run.PodNamesAsync("web")).Count);
        var condition = Assert.Single(((JsonArray)(await run.Client.GetAsync("/apis/apps/v1/namespaces/default/deployments/web"))["status"]!["conditions"]!), c => (string?)c!["type"] == "ReplicaFailure")!;
        Assert.Equal("FailedCreate", (string?)condition["reason"]);
        Assert.Matches("^pods \"web-.*\" is forbidden: exceeded quota: q, requested: pods=1, used: pods=[23], limited: pods=0$", (string?)condition["message"]);
        await run.DeleteAsync(Quota);
        var start = run.Clock.Elapsed;
        await run.SettleAsync();

        // The controller had doubled its pauses meanwhile: it notices late, as the real one does.
        Assert.InRange((run.Clock.Elapsed - start).TotalSeconds, 5, 90);
        Assert.DoesNotContain(((JsonArray)(await run.Client.GetAsync("/apis/apps/v1/namespaces/default/deployments/web"))["status"]!["conditions"]!), c => (string?)c!["type"] == "ReplicaFailure");
    });

    private static async Task QuotaAsync(TwinRun run, string hard)
    {
        run.Cluster.Apply($"apiVersion: v1\nkind: ResourceQuota\nmetadata: {{ name: q, namespace: default }}\nspec: {{ hard: {{ {hard} }} }}\n");
        await run.Delay(1);
    }

    private static async Task<(int Status, string? Message)> PodAsync(TwinRun run, string name, string requests)
    {
        var (status, body) = await run.Client.SendAsync("POST", Pods, $"apiVersion: v1\nkind: Pod\nmetadata: {{ name: {name} }}\nspec: {{ containers: [ {{ name: app, image: \"a:1\", resources: {{ requests: {{ {requests} }} }} }} ] }}\n", "application/yaml");
        return (status, status == 201 ? null : (string?)body!["message"]);
    }
}
