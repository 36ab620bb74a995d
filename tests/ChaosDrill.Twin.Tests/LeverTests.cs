using System.Text.Json.Nodes;

namespace ChaosDrill.Twin.Tests;

/// <summary>The levers that are reached over HTTP, also while the API server is away.</summary>
public sealed class LeverTests
{
    private const string Lease = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/kube-scheduler";

    [Fact]
    public void ApiServer_Stopped_RefusesAllButItsLever() => TwinRun.Go(async run =>
    {
        await SetAsync(run, "kube-apiserver", "stopped");
        await Assert.ThrowsAsync<HttpRequestException>(() => run.Client.SendAsync("GET", "/readyz"));
        await Assert.ThrowsAsync<HttpRequestException>(() => run.Client.SendAsync("GET", "/api/v1/nodes"));
        Assert.Equal("stopped", (string?)(await run.Client.GetAsync("/twin/components/kube-apiserver"))["state"]);
        await SetAsync(run, "kube-apiserver", "running");
        Assert.Equal(200, (await run.Client.SendAsync("GET", "/readyz")).Status);
    });

    [Fact]
    public void ApiServer_MadeToHang_AnswersWhenItIsBack() => TwinRun.Go(async run =>
    {
        await run.Client.SendAsync("PUT", "/twin/components/kube-apiserver", """{"state":"stopped","outage":"hang"}""");
        var asked = run.Client.SendAsync("GET", "/readyz");
        await run.Delay(10);
        Assert.False(asked.IsCompleted);
        await SetAsync(run, "kube-apiserver", "running");
        Assert.Equal(200, (await asked).Status);
    });

    [Fact]
    public void Scheduler_Stopped_LetsItsLeaseLapse_AndPlacesWhatWaitedWhenItIsBack() => TwinRun.Go(async run =>
    {
        await run.Delay(5);
        var renewed = await RenewedAsync(run);
        await run.Delay(3);
        Assert.NotEqual(renewed, await RenewedAsync(run));
        await SetAsync(run, "kube-scheduler", "stopped");
        renewed = await RenewedAsync(run);
        run.Cluster.Apply(TwinRun.Deployment("a"));
        await run.Delay(20);
        Assert.Equal(renewed, await RenewedAsync(run));
        Assert.All(await run.ItemsAsync("/api/v1/namespaces/default/pods"), p => Assert.Null(p["spec"]!["nodeName"]));
        await SetAsync(run, "kube-scheduler", "running");
        await run.SettleAsync();
    });

    [Theory]
    [InlineData("PUT", "/twin/components/kube-proxy", """{"state":"stopped"}""", 404)]
    [InlineData("PUT", "/twin/components/kube-scheduler", """{"state":"gone"}""", 400)]
    [InlineData("PUT", "/twin/components/kube-scheduler", "stopped", 400)]
    [InlineData("PUT", "/twin/components/kube-scheduler", "", 400)]
    [InlineData("DELETE", "/twin/components/kube-scheduler", null, 405)]
    [InlineData("GET", "/twin/nodes", null, 404)]
    public void Lever_AskedWrongly_SaysSoAndDoesNothing(string method, string path, string? body, int expected) => TwinRun.Go(async run =>
    {
        var (status, answer) = await run.Client.SendAsync(method, path, body);
        Assert.Equal((expected, "Status"), (status, (string?)answer!["kind"]));
        Assert.All((await run.Client.GetAsync("/twin"))["components"]!.AsArray(), c => Assert.Equal("running", (string?)c!["state"]));
    });

    private static async Task SetAsync(TwinRun run, string component, string state)
    {
        var (status, answer) = await run.Client.SendAsync("PUT", $"/twin/components/{component}", new JsonObject { ["state"] = state }.ToJsonString());
        Assert.Equal((200, state), (status, (string?)answer!["state"]));
    }

    private static async Task<string?> RenewedAsync(TwinRun run) => (string?)(await run.Client.GetAsync(Lease))["spec"]!["renewTime"];
}
