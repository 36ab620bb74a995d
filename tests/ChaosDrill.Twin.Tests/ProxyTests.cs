namespace ChaosDrill.Twin.Tests;

public sealed class ProxyTests
{
    private const string Proxy = "/api/v1/namespaces/default/services";

    [Fact]
    public void Service_WithoutReadyPods_IsUnavailable() => TwinRun.Go(async run =>
    {
        run.Cluster.Apply(TwinRun.Deployment("a", 1, "twin.chaosdrill.dev/never-ready: \"true\""));
        await run.Delay(10);
        var (status, body) = await run.Client.SendAsync("GET", $"{Proxy}/a/proxy/x");
        Assert.Equal(503, status);
        Assert.Equal("no endpoints available for service \"a\"", (string?)body!["message"]);
        Assert.Equal("ServiceUnavailable", (string?)body["reason"]);
    });

    [Fact]
    public void Service_Unknown_IsNotFound() => TwinRun.Go(async run =>
    {
        var (status, body) = await run.Client.SendAsync("GET", $"{Proxy}/none:80/proxy/");
        Assert.Equal(404, status);
        Assert.Equal("services \"none\" not found", (string?)body!["message"]);
    });

    [Fact]
    public void Port_Unknown_IsUnavailable() => TwinRun.Go(async run =>
    {
        await run.SettleAsync(TwinRun.Deployment("a"));
        var (status, body) = await run.Client.SendAsync("GET", $"{Proxy}/a:81/proxy/");
        Assert.Equal(503, status);
        Assert.Equal("no service port \"81\" found for service \"a\"", (string?)body!["message"]);
    });

    [Fact]
    public void Endpoint_WhosePodIsGone_RefusesConnections() => TwinRun.Go(async run =>
    {
        await run.SettleAsync(TwinRun.Deployment("a", 1));
        await run.Delay(1);
        await run.DeleteAsync($"/api/v1/namespaces/default/pods/{(await run.PodNamesAsync("a"))[0]}", """{"gracePeriodSeconds":0}""");
        var (status, body) = await run.Client.SendAsync("GET", $"{Proxy}/a:80/proxy/");
        Assert.Equal(503, status);
        Assert.Matches(@"^error trying to reach service: dial tcp 10\.128\.\d+\.\d+:8080: connect: connection refused$", (string?)body!["message"]);
    });

    [Fact]
    public void Annotations_ChangedOnARunningPod_ChangeItsAnswers() => TwinRun.Go(async run =>
    {
        await run.SettleAsync(TwinRun.Deployment("a", 1));
        await run.Delay(1);
        var pod = (await run.PodNamesAsync("a"))[0];
        await run.Client.PatchAsync($"/api/v1/namespaces/default/pods/{pod}", """{"metadata":{"annotations":{"twin.chaosdrill.dev/http-status":"500","twin.chaosdrill.dev/http-latency":"1500ms"}}}""");
        var start = run.Clock.Elapsed;
        var (status, body) = await run.Client.SendAsync("POST", $"{Proxy}/http:a:80/proxy/cart/1", "x", "text/plain");
        Assert.Equal(500, status);
        Assert.Equal(pod, (string?)body!["pod"]);
        Assert.Equal("/cart/1", (string?)body["path"]);
        Assert.Equal(TimeSpan.FromSeconds(1.5), run.Clock.Elapsed - start);
    });

    [Fact]
    public void ReadyPods_AllAnswerInTurn() => TwinRun.Go(async run =>
    {
        await run.SettleAsync(TwinRun.Deployment("a"));
        await run.Delay(1);
        var seen = new HashSet<string>();
        for (var i = 0; i < 50; i++)
        {
            var (_, body) = await run.Client.SendAsync("GET", $"{Proxy}/a/proxy/");
            seen.Add((string)body!["pod"]!);
        }

        Assert.Equal(3, seen.Count);
    });
}
