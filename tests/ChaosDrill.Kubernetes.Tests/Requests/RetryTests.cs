using ChaosDrill.Kubernetes.Tests.Fakes;

namespace ChaosDrill.Kubernetes.Tests.Requests;

public sealed class RetryTests
{
    private const string Version = """{"gitVersion":"v1.36.2"}""";

    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public void Answer_WithRetryAfter_IsWaitedOutOnTheClock(int code) => VirtualLoop.Run(async loop =>
    {
        var server = ScriptedServer.InTurn(
            () => ScriptedServer.Json(ScriptedServer.Status(code, "Busy", "busy"), code, "3"),
            () => ScriptedServer.Json(ScriptedServer.Status(code, "Busy", "busy"), code, "4"),
            () => ScriptedServer.Json(Version));
        var before = loop.Clock.GetTimestamp();
        Assert.Equal("v1.36.2", (await server.Client(loop.Clock).GetServerVersionAsync()).GitVersion);
        Assert.Equal(TimeSpan.FromSeconds(7), loop.Clock.GetElapsedTime(before));
    });

    [Fact]
    public void Answer_ThatAlwaysAsksForPatience_IsGivenUpAfterTenRetries() => VirtualLoop.Run(async loop =>
    {
        var server = new ScriptedServer(_ => ScriptedServer.Json(ScriptedServer.Status(429, "TooManyRequests", "slow down"), 429, "1"));
        var error = await Assert.ThrowsAsync<ApiException>(() => server.Client(loop.Clock).GetServerVersionAsync());
        Assert.Equal(11, server.Requests.Count);
        Assert.True(error.IsTooManyRequests);
        Assert.Equal(TimeSpan.FromSeconds(1), error.RetryAfter);
    });

    [Fact]
    public void Answer_ThatAsksForHours_IsNotWaitedFor() => VirtualLoop.Run(async loop =>
    {
        var server = new ScriptedServer(_ => ScriptedServer.Json(ScriptedServer.Status(503, "ServiceUnavailable", "down"), 503, "86400"));
        await Assert.ThrowsAsync<ApiException>(() => server.Client(loop.Clock).GetServerVersionAsync());
        Assert.Single(server.Requests);
    });

    [Fact]
    public void Write_WithRetryAfter_SendsTheSameBodyAgain() => VirtualLoop.Run(async loop =>
    {
        var server = ScriptedServer.InTurn(() => ScriptedServer.Json("{}", 429, "1"), () => ScriptedServer.Json("{}", 201));
        await server.Client(loop.Clock).CreateAsync(Resources.ConfigMaps, "n", new ConfigMap { Metadata = new ObjectMeta { Name = "c" } });
        Assert.Equal(server.Requests[0].Body, server.Requests[1].Body);
        Assert.Contains("\"kind\":\"ConfigMap\"", server.Requests[1].Body, StringComparison.Ordinal);
    });

    [Fact]
    public async Task Eviction_Granted_ReturnsTheStatus()
    {
        var granted = Recording.Exchange("eviction", line => Recording.Note(line) == "dry run");
        var server = ScriptedServer.InTurn(() => Recording.Answer(granted));
        var status = await server.Client().EvictAsync("n", "p", new EvictionOptions { DryRun = true, GracePeriod = TimeSpan.FromSeconds(5), PreconditionUid = "u" });
        Assert.Equal((201, "Success"), (status.Code, status.Outcome));
        Assert.Equal("/api/v1/namespaces/n/pods/p/eviction", server.Requests[0].Path);
        Assert.Equal("?dryRun=All", server.Requests[0].Query);
        Assert.Contains(
            "\"deleteOptions\":{\"apiVersion\":\"v1\",\"kind\":\"DeleteOptions\",\"gracePeriodSeconds\":5,\"preconditions\":{\"uid\":\"u\"},\"dryRun\":[\"All\"]}",
            server.Requests[0].Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(429, "evict each pod at once", "TooManyRequests")]
    [InlineData(500, "two budgets", null)]
    [InlineData(404, "unknown pod", "NotFound")]
    public async Task Eviction_Refused_ThrowsTheStatusAndIsNeverRetried(int code, string note, string? reason)
    {
        var refused = Recording.Exchange("eviction", line => Recording.Note(line) == note && line.GetProperty("response").GetProperty("status").GetInt32() == code);
        var body = refused.GetProperty("response").GetProperty("body").GetRawText();

        // With the header that a lagging budget adds: the drain owns that wait.
        var server = ScriptedServer.InTurn(() => ScriptedServer.Json(body, code, "10"));
        var error = await Assert.ThrowsAsync<ApiException>(() => server.Client().EvictAsync("n", "p"));
        Assert.Single(server.Requests);
        Assert.Equal((code, reason), (error.Code, error.Reason));
        Assert.Equal(TimeSpan.FromSeconds(10), error.RetryAfter);
        if (code == 429)
        {
            Assert.Contains(error.Causes, cause => cause.Reason == "DisruptionBudget");
        }
    }

    [Fact]
    public async Task Proxy_AnsweredByThePod_IsThePodsAnswer()
    {
        var server = ScriptedServer.InTurn(
            () => ScriptedServer.Text("ok", 200),
            () => ScriptedServer.Json("""{"error":"maintenance"}""", 503, "30"));
        var answer = await server.Client().ProxyServiceAsync("shop", "storefront", "80", "/healthz?full=1");
        Assert.Equal((200, "ok", false, false), (answer.StatusCode, answer.Body, answer.Truncated, answer.FromApiServer));
        Assert.Equal("GET /api/v1/namespaces/shop/services/storefront:80/proxy/healthz?full=1  ", RequestTests.Line(server.Requests[0]));
        answer = await server.Client().ProxyServiceAsync("shop", "storefront", "80", "healthz");
        Assert.Equal((503, false), (answer.StatusCode, answer.FromApiServer));
    }

    [Theory]
    [InlineData(503, "no endpoints available for service \\\"storefront\\\"")]
    [InlineData(503, "error trying to reach service: dial tcp 10.0.0.7:80: connect: connection refused")]
    public async Task Proxy_WithoutAPod_IsTheApiServersAnswer(int code, string message)
    {
        var server = ScriptedServer.InTurn(() => ScriptedServer.Json(ScriptedServer.Status(code, "ServiceUnavailable", message), code));
        var answer = await server.Client().ProxyServiceAsync("shop", "storefront", null, "/");
        Assert.True(answer.FromApiServer);
        Assert.Equal("ServiceUnavailable", answer.Failure!.Reason);
        Assert.Equal("/api/v1/namespaces/shop/services/storefront/proxy/", server.Requests[0].Path);
    }

    [Fact]
    public async Task Proxy_WithALargeBody_CutsItOff()
    {
        var answer = await ScriptedServer.InTurn(() => ScriptedServer.Text(new string('x', 200_000), 200)).Client().ProxyServiceAsync("n", "s", "web", "/");
        Assert.True(answer.Truncated);
        Assert.Equal(64 * 1024, answer.Body.Length);
    }

    [Theory]
    [InlineData("/../../../secrets")]
    [InlineData("/%2e%2e/secrets")]
    [InlineData("/a/..%2fsecrets")]
    public async Task Proxy_WithAClimbingPath_IsRefused(string path)
    {
        var server = new ScriptedServer(_ => ScriptedServer.Json("{}"));
        await Assert.ThrowsAsync<ArgumentException>(() => server.Client().ProxyServiceAsync("n", "s", "80", path));
        Assert.Empty(server.Requests);
    }
}
