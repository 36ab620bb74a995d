using System.Text.Json.Nodes;

namespace ChaosDrill.Twin.Tests;

public sealed class WatchTests
{
    private const string Maps = "/api/v1/namespaces/default/configmaps";

    [Fact]
    public void Watch_FromAForgottenVersion_IsToldThatItExpired() => TwinRun.Go(async run =>
    {
        await run.Delay(1);
        run.Cluster.ForgetHistory();
        using var watch = await run.Client.WatchAsync($"{Maps}?watch=true&resourceVersion=2");
        var (type, status) = (await watch.NextAsync())!.Value;
        Assert.Equal("ERROR", type);
        Assert.Equal(410, (long)status["code"]!);
        Assert.Equal("Expired", (string?)status["reason"]);
        Assert.StartsWith("too old resource version: 2 (", (string?)status["message"], StringComparison.Ordinal);
        Assert.Null(await watch.NextAsync());
    });

    [Fact]
    public void Watch_ResumedFromAVersion_MissesNothingAndRepeatsNothing() => TwinRun.Go(async run =>
    {
        await run.Delay(1);
        var version = (string)(await run.Client.GetAsync(Maps))["metadata"]!["resourceVersion"]!;
        await CreateAsync(run, "one");
        await CreateAsync(run, "two");
        using var watch = await run.Client.WatchAsync($"{Maps}?watch=true&resourceVersion={version}");
        Assert.Equal("one", await NameAsync(watch));
        Assert.Equal("two", await NameAsync(watch));
        await CreateAsync(run, "three");
        Assert.Equal("three", await NameAsync(watch));
    });

    [Fact]
    public void Watches_Cut_EndCleanly() => TwinRun.Go(async run =>
    {
        await run.Delay(1);
        using var watch = await run.Client.WatchAsync($"{Maps}?watch=true&resourceVersion=now");
        var next = watch.NextAsync();
        run.Cluster.CutWatches();
        Assert.Null(await next);
    });

    [Fact]
    public void Watch_WithTimeout_EndsThen() => TwinRun.Go(async run =>
    {
        await run.Delay(1);
        var start = run.Clock.Elapsed;
        using var watch = await run.Client.WatchAsync($"{Maps}?watch=true&resourceVersion=now&timeoutSeconds=3");
        Assert.Null(await watch.NextAsync());
        Assert.Equal(TimeSpan.FromSeconds(3), run.Clock.Elapsed - start);
    });

    [Fact]
    public void Watch_Idle_GetsABookmarkEachMinute() => TwinRun.Go(async run =>
    {
        await run.Delay(1);
        using var watch = await run.Client.WatchAsync($"{Maps}?watch=true&resourceVersion=now&allowWatchBookmarks=true");
        var start = run.Clock.Elapsed;
        for (var minute = 1; minute <= 3; minute++)
        {
            var (type, bookmark) = (await watch.NextAsync())!.Value;
            Assert.Equal("BOOKMARK", type);
            Assert.Equal("ConfigMap", (string?)bookmark["kind"]);
            Assert.NotNull(bookmark["metadata"]!["resourceVersion"]);
            Assert.Equal(TimeSpan.FromMinutes(minute), run.Clock.Elapsed - start);
        }
    });

    [Fact]
    public void Watch_WithInitialEvents_EndsThemWithAMarkedBookmark() => TwinRun.Go(async run =>
    {
        await CreateAsync(run, "one");
        await run.Delay(1);
        using var watch = await run.Client.WatchAsync($"{Maps}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true");
        Assert.Equal("kube-root-ca.crt", await NameAsync(watch));
        Assert.Equal("one", await NameAsync(watch));
        var (type, bookmark) = (await watch.NextAsync())!.Value;
        Assert.Equal("BOOKMARK", type);
        Assert.Equal("true", (string?)bookmark["metadata"]!["annotations"]!["k8s.io/initial-events-end"]);
    });

    [Fact]
    public void Watch_WithASelector_SeesObjectsComeAndGo() => TwinRun.Go(async run =>
    {
        await run.Delay(1);
        using var watch = await run.Client.WatchAsync($"{Maps}?watch=true&resourceVersion=now&labelSelector=tier%20in%20(a,b),!old");
        await CreateAsync(run, "one");
        await run.Client.PatchAsync($"{Maps}/one", """{"metadata":{"labels":{"tier":"a"}}}""");
        await run.Client.PatchAsync($"{Maps}/one", """{"data":{"x":"1"}}""");
        await run.Client.PatchAsync($"{Maps}/one", """{"metadata":{"labels":{"old":"yes"}}}""");
        Assert.Equal("ADDED", (await watch.NextAsync())!.Value.Type);
        Assert.Equal("MODIFIED", (await watch.NextAsync())!.Value.Type);
        Assert.Equal("DELETED", (await watch.NextAsync())!.Value.Type);
    });

    [Fact]
    public void Watch_AsTable_SendsColumnsOnce() => TwinRun.Go(async run =>
    {
        await run.Delay(1);
        using var watch = await run.Client.WatchAsync($"{Maps}?watch=true&resourceVersion=now", "application/json;as=Table;v=v1;g=meta.k8s.io,application/json");
        await CreateAsync(run, "one");
        await CreateAsync(run, "two");
        var first = (await watch.NextAsync())!.Value.Object;
        var second = (await watch.NextAsync())!.Value.Object;
        Assert.Equal(3, first["columnDefinitions"]!.AsArray().Count);
        Assert.Equal("one", (string?)first["rows"]![0]!["cells"]![0]);
        Assert.Null(second["columnDefinitions"]);
    });

    [Fact]
    public void Watch_Cancelled_StopsWaiting() => TwinRun.Go(async run =>
    {
        await run.Delay(1);
        using var watch = await run.Client.WatchAsync($"{Maps}?watch=true&resourceVersion=now");
        using var cancel = new CancellationTokenSource(TimeSpan.FromSeconds(2), run.Clock);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watch.NextAsync(cancel.Token));
    });

    [Fact]
    public void HttpClient_WithLatencyAndWatches_StaysOnTheClocksThread() => TwinRun.Go(async run =>
    {
        await run.SettleAsync(TwinRun.Deployment("a", annotations: "twin.chaosdrill.dev/http-latency: 200ms"));
        await run.Delay(1);
        using var http = new HttpClient(run.Cluster.CreateHandler()) { BaseAddress = new Uri("http://twin"), Timeout = Timeout.InfiniteTimeSpan };
        var start = run.Clock.Elapsed;
        using var answer = await http.GetAsync(new Uri("/api/v1/namespaces/default/services/a/proxy/", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(TimeSpan.FromMilliseconds(200), run.Clock.Elapsed - start);
        using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(50), run.Clock);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => http.GetAsync(new Uri("/api/v1/namespaces/default/services/a/proxy/", UriKind.Relative), cancel.Token));
        using var response = await http.GetAsync(new Uri($"{Maps}?watch=true&resourceVersion={run.Cluster.Plane.Store.Version}", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        var line = reader.ReadLineAsync();
        await run.Delay(1);
        await CreateAsync(run, "one");
        Assert.Contains("\"ADDED\"", await line, StringComparison.Ordinal);
    });

    [Fact]
    public void Api_Hanging_AnswersWhenItIsBack() => TwinRun.Go(async run =>
    {
        run.Cluster.Apply(TwinRun.Deployment("a", 1));
        run.Cluster.PauseApi();
        var asked = run.Client.GetAsync(Maps);
        await run.Delay(30);
        Assert.False(asked.IsCompleted);
        run.Cluster.ResumeApi();
        await asked;
        Assert.InRange(run.Clock.Elapsed.TotalSeconds, 30, 30.1);
        await run.SettleAsync();
    });

    [Fact]
    public void Api_Refusing_EndsWatchesAndThrowsConnectionErrors() => TwinRun.Go(async run =>
    {
        await run.Delay(1);
        using var watch = await run.Client.WatchAsync($"{Maps}?watch=true&resourceVersion=now");
        run.Cluster.PauseApi(ApiOutage.Refuse);
        Assert.Null(await watch.NextAsync());
        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => run.Client.GetAsync(Maps));
        Assert.Equal(HttpRequestError.ConnectionError, refused.HttpRequestError);
        run.Cluster.ResumeApi();
        await run.Client.GetAsync(Maps);
    });

    private static async Task CreateAsync(TwinRun run, string name)
    {
        var (status, body) = await run.Client.SendAsync("POST", Maps, $$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{name}}"} }""");
        Assert.True(status == 201, $"{status} {body}");
    }

    private static async Task<string?> NameAsync(WatchReader watch)
    {
        var (type, json) = (await watch.NextAsync())!.Value;
        Assert.Equal("ADDED", type);
        return (string?)((JsonObject)json["metadata"]!)["name"];
    }
}
