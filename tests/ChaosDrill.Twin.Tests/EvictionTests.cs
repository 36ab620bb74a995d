using System.Text.Json.Nodes;

namespace ChaosDrill.Twin.Tests;

/// <summary>Evictions and disruption budgets, as eviction.jsonl and drain.jsonl of the recordings show them.</summary>
public sealed class EvictionTests
{
    [Fact]
    public void Evictions_AtOnce_AreAllowedUpToTheBudget() => TwinRun.Go(async run =>
    {
        await run.SettleAsync(TwinRun.Deployment("a") + Budget("a", "maxUnavailable: 1"));
        await run.Delay(0.1);
        Assert.Equal("""{"observedGeneration":1,"disruptionsAllowed":1,"currentHealthy":3,"desiredHealthy":2,"expectedPods":3}""", await StatusAsync(run, "a"));
        var pods = await run.PodNamesAsync("a");
        Assert.Equal(201, (await EvictAsync(run, pods[0], "?dryRun=All")).Status);
        await run.Delay(0.1);
        Assert.Equal(1, (long)(await run.Client.GetAsync(Path("a")))["status"]!["disruptionsAllowed"]!);

        var (first, success) = await EvictAsync(run, pods[0]);
        Assert.Equal(201, first);
        Assert.Equal("""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Success","code":201}""", success);
        var status = (await run.Client.GetAsync(Path("a")))["status"]!;
        Assert.Equal(pods[0], Assert.Single((JsonObject)status["disruptedPods"]!).Key);
        Assert.Equal("InsufficientPods", (string?)status["conditions"]![0]!["reason"]);
        Assert.Contains("EvictionByEvictionAPI", (await run.Client.GetAsync($"/api/v1/namespaces/default/pods/{pods[0]}")).ToJsonString(), StringComparison.Ordinal);

        var (second, refusal) = await EvictAsync(run, pods[1]);
        Assert.Equal(429, second);
        Assert.Equal("""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Cannot evict pod as it would violate the pod's disruption budget.","reason":"TooManyRequests","details":{"causes":[{"reason":"DisruptionBudget","message":"The disruption budget a needs 2 healthy pods and has 3 currently"}]},"code":429}""", refusal);
        await run.Delay(0.1);
        Assert.Contains("needs 2 healthy pods and has 2 currently", (await EvictAsync(run, pods[1])).Body, StringComparison.Ordinal);
        await run.Delay(5);
        Assert.Equal(201, (await EvictAsync(run, pods[1])).Status);
    });

    [Fact]
    public void Eviction_OfAPodWithTwoBudgets_IsAnError_AndOfNoPodNotFound() => TwinRun.Go(async run =>
    {
        await run.SettleAsync(TwinRun.Deployment("a") + Budget("a", "maxUnavailable: 1") + Budget("second", "minAvailable: \"50%\""));
        await run.Delay(0.1);
        Assert.Equal(2, (long)(await run.Client.GetAsync(Path("second")))["status"]!["desiredHealthy"]!);
        var (status, body) = await EvictAsync(run, (await run.PodNamesAsync("a"))[0]);
        Assert.Equal(500, status);
        Assert.Equal("""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.","code":500}""", body);
        Assert.Equal(404, (await EvictAsync(run, "none")).Status);
    });

    [Fact]
    public void Eviction_BeforeTheBudgetIsProcessed_SaysWhenToRetry() => TwinRun.Go(async run =>
    {
        await run.SettleAsync(TwinRun.Deployment("a"));
        run.Cluster.Apply(Budget("a", "maxUnavailable: 1"));
        using var http = new HttpMessageInvoker(run.Cluster.CreateHandler());
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://twin/api/v1/namespaces/default/pods/{(await run.PodNamesAsync("a"))[0]}/eviction") { Content = new StringContent("{}", null, "application/json") };
        using var response = await http.SendAsync(request, CancellationToken.None);
        Assert.Equal(429, (int)response.StatusCode);
        Assert.Equal("10", response.Headers.RetryAfter?.ToString());
        var body = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.Equal("The disruption budget a is still being processed by the server.", (string?)body["details"]!["causes"]![0]!["message"]);
        Assert.Equal(10, (long)body["details"]!["retryAfterSeconds"]!);
    });

    [Theory]
    [InlineData("IfHealthyBudget", 429)]
    [InlineData("AlwaysAllow", 201)]
    public void Eviction_OfAnUnreadyPod_FollowsThePolicy(string policy, int expected) => TwinRun.Go(async run =>
    {
        run.Cluster.Apply(TwinRun.Deployment("a", annotations: "twin.chaosdrill.dev/never-ready: \"true\"") + Budget("a", $"maxUnavailable: 1, unhealthyPodEvictionPolicy: {policy}"));
        await run.Delay(5);
        Assert.Equal(expected, (await EvictAsync(run, (await run.PodNamesAsync("a"))[0])).Status);
    });

    [Fact]
    public void Eviction_OfAPendingPod_IgnoresTheBudget() => TwinRun.Go(async run =>
    {
        run.Cluster.Apply(TwinRun.Deployment("a", image: "registry.example/app:missing") + Budget("a", "maxUnavailable: 0"));
        await run.Delay(5);
        Assert.Equal(201, (await EvictAsync(run, (await run.PodNamesAsync("a"))[0])).Status);
    });

    [Fact]
    public void Budget_CountsTerminatingPodsAsExpected_WhenItsMinimumIsANumber() => TwinRun.Go(async run =>
    {
        await run.SettleAsync(TwinRun.Deployment("a", 6) + Budget("a", "minAvailable: 5"));
        await EvictAsync(run, (await run.PodNamesAsync("a"))[0]);
        await run.Delay(0.1);
        Assert.Equal("""{"observedGeneration":1,"disruptionsAllowed":0,"currentHealthy":5,"desiredHealthy":5,"expectedPods":7}""", await StatusAsync(run, "a"));
    });

    private static string Budget(string name, string limit) => $"\n---\n{{ apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {{ name: {name}, namespace: default }}, spec: {{ selector: {{ matchLabels: {{ app: a }} }}, {limit} }} }}\n";

    private static string Path(string name) => $"/apis/policy/v1/namespaces/default/poddisruptionbudgets/{name}";

    private static async Task<string> StatusAsync(TwinRun run, string name)
    {
        var status = (JsonObject)(await run.Client.GetAsync(Path(name)))["status"]!;
        status.Remove("conditions");
        return status.ToJsonString();
    }

    private static async Task<(int Status, string Body)> EvictAsync(TwinRun run, string pod, string query = "")
    {
        var (status, body) = await run.Client.SendAsync("POST", $"/api/v1/namespaces/default/pods/{pod}/eviction{query}",
            $$$"""{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"{{{pod}}}","namespace":"default"}}""");
        return (status, body!.ToJsonString(new System.Text.Json.JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
    }
}
