using ChaosDrill.Kubernetes.Tests.Fakes;

namespace ChaosDrill.Kubernetes.Tests.Watching;

public sealed class WatchTests
{
    private static readonly Resource<ConfigMap> maps = Resources.ConfigMaps;

    [Fact]
    public void Watch_OfExistingObjects_DeliversThemThenSyncedThenChanges() => Run(async (cluster, consumer, _) =>
    {
        cluster.Put("a");
        await consumer.UntilAsync(() => consumer.Events.Count == 3);
        cluster.Remove("a");
        cluster.Put("b");
        await consumer.UntilAsync(() => consumer.Events.Count == 5);
        Assert.Equal(["Added old", "Synced", "Added a", "Deleted a", "Added b"], consumer.Brief);
    });

    [Fact]
    public void Watch_AfterCleanEnd_ResumesFromTheLastVersionWithoutListing() => Run(async (cluster, consumer, _) =>
    {
        await consumer.UntilAsync(() => cluster.OpenWatches == 1);
        cluster.Put("a");
        await consumer.UntilAsync(() => consumer.Events.Count == 3);
        cluster.EndWatches();
        cluster.Put("b");
        await consumer.UntilAsync(() => consumer.Events.Count == 6);
        Assert.Equal(["Added old", "Synced", "Added a", "Interrupted", "Resumed", "Added b"], consumer.Brief);
        Assert.Equal([101, 102], cluster.WatchedFrom);
        Assert.False(Assert.Single(consumer.Gaps).Relisted);
    });

    [Fact]
    public void Watch_CutInTheMiddleOfALine_LosesNothing() => Run(async (cluster, consumer, _) =>
    {
        await consumer.UntilAsync(() => cluster.OpenWatches == 1);
        cluster.Put("a");
        cluster.CutWatches();
        cluster.Put("b");
        await consumer.UntilAsync(() => consumer.State.ContainsKey("b"));
        Assert.Equal(["Added old", "Synced", "Added a", "Interrupted", "Resumed", "Added b"], consumer.Brief);
        Assert.Contains("The connection was cut", Assert.Single(consumer.Gaps).Reason, StringComparison.Ordinal);
    });

    [Fact]
    public void Watch_AfterGone_DeliversTheDifference() => Run(async (cluster, consumer, _) =>
    {
        cluster.Put("gone");
        cluster.Put("changed");
        cluster.Put("namesake");
        cluster.Put("same");
        await consumer.UntilAsync(() => consumer.State.Count == 5);
        cluster.EndWatches();
        cluster.Remove("gone");
        cluster.Put("changed");
        cluster.Remove("namesake");
        cluster.Put("namesake");
        cluster.Put("new");
        cluster.Compact();
        await consumer.UntilAsync(() => consumer.Gaps.Any());
        Assert.Equal(
            ["Interrupted", "Deleted gone", "Deleted namesake", "Modified changed", "Added namesake", "Added new", "Resumed"],
            consumer.Brief.Skip(6));
        Assert.True(Assert.Single(consumer.Gaps).Relisted);
        Assert.Equal(cluster.State, consumer.State);
    });

    [Fact]
    public void Watch_AfterAGoneEventInTheStream_ListsAnew() => Run(async (cluster, consumer, _) =>
    {
        await consumer.UntilAsync(() => cluster.OpenWatches == 1);
        cluster.ExpireWatches();
        await consumer.UntilAsync(() => consumer.Gaps.Any());
        Assert.Equal("too old resource version", Assert.Single(consumer.Gaps).Reason);
        Assert.True(consumer.Gaps.Single().Relisted);
        Assert.Equal(2, cluster.Lists);
    });

    [Fact]
    public void Watch_OfARestoredEtcd_NoticesTheOlderHistory() => Run(async (cluster, consumer, _) =>
    {
        cluster.Put("a");
        cluster.Put("b");
        await consumer.UntilAsync(() => consumer.State.Count == 3);
        cluster.CutWatches();
        cluster.Restore(50, () => cluster.Put("a"));
        await consumer.UntilAsync(() => consumer.Gaps.Any());
        Assert.True(consumer.Gaps.Single().Relisted);
        Assert.Equal(cluster.State, consumer.State);
        cluster.Put("c");
        await consumer.UntilAsync(() => consumer.State.ContainsKey("c"));
    });

    [Fact]
    public void Watch_OfASilentStream_IsInterruptedAfterTheIdleTimeout() => Run(async (cluster, consumer, loop) =>
    {
        await consumer.UntilAsync(() => cluster.OpenWatches == 1);
        var before = loop.Clock.GetTimestamp();
        await consumer.UntilAsync(() => consumer.Gaps.Any());
        var gap = consumer.Gaps.First();
        Assert.Equal(before, gap.LastHeardAt);
        Assert.Equal(TimeSpan.FromSeconds(7), loop.Clock.GetElapsedTime(before, gap.ResumedAt!.Value));
        Assert.Contains("not a byte came for 7 s", gap.Reason, StringComparison.Ordinal);
    }, new WatchOptions { IdleTimeout = TimeSpan.FromSeconds(7) });

    [Fact]
    public void Watch_WithBookmarks_IsNotIdleAndResumesFromThem() => Run(async (cluster, consumer, loop) =>
    {
        await consumer.UntilAsync(() => cluster.OpenWatches == 1);
        for (var i = 0; i < 5; i++)
        {
            await Task.Delay(TimeSpan.FromSeconds(5), loop.Clock);
            cluster.Put("elsewhere");
            cluster.Bookmark();
        }

        cluster.EndWatches();
        await consumer.UntilAsync(() => consumer.Gaps.Any());
        Assert.Equal(106, cluster.WatchedFrom[^1]);
        Assert.Single(consumer.Gaps);
    }, new WatchOptions { IdleTimeout = TimeSpan.FromSeconds(7) });

    [Fact]
    public void Watch_EndedByTheServerAtItsTimeout_HeardTheServerUntilThen() => Run(async (cluster, consumer, loop) =>
    {
        await consumer.UntilAsync(() => cluster.OpenWatches == 1);
        await Task.Delay(TimeSpan.FromSeconds(12), loop.Clock);
        var end = loop.Clock.GetTimestamp();
        cluster.EndWatches();
        await consumer.UntilAsync(() => consumer.Gaps.Any());
        Assert.Equal(end, consumer.Gaps.Single().LastHeardAt);
        Assert.Equal(end, consumer.Gaps.Single().ResumedAt);
    }, new WatchOptions { ServerTimeout = TimeSpan.FromSeconds(10) });

    [Fact]
    public void Watch_WhileTheServerIsAway_BacksOffAndReportsOneGap() => Run(async (cluster, consumer, loop) =>
    {
        await consumer.UntilAsync(() => cluster.OpenWatches == 1);
        var attempts = new List<long>();
        for (var i = 0; i < 12; i++)
        {
            cluster.Intercept(() =>
            {
                attempts.Add(loop.Clock.GetTimestamp());
                throw new HttpRequestException("Connection refused", new System.Net.Sockets.SocketException((int)System.Net.Sockets.SocketError.ConnectionRefused));
            });
        }

        var before = loop.Clock.GetTimestamp();
        cluster.CutWatches();
        cluster.Put("meanwhile");
        await consumer.UntilAsync(() => consumer.State.ContainsKey("meanwhile"));
        Assert.Equal(["Added old", "Synced", "Interrupted", "Resumed", "Added meanwhile"], consumer.Brief);
        Assert.Equal(12, attempts.Count);
        Assert.Equal(before, attempts[0]);
        var waits = attempts.Distinct().Zip(attempts.Distinct().Skip(1), (a, b) => loop.Clock.GetElapsedTime(a, b)).ToList();
        Assert.All(waits.Zip([100, 200, 400, 800, 1600]), pair => Assert.InRange(pair.First.TotalMilliseconds, pair.Second / 2, pair.Second));
        Assert.Equal(before, consumer.Gaps.Single().LastHeardAt);
    });

    [Fact]
    public void Watch_WithASlowConsumer_StampsArrivalNotConsumption() => VirtualLoop.Run(async loop =>
    {
        var cluster = new FakeCluster();
        await using var client = cluster.Client(loop.Clock);
        await using var watch = client.WatchAsync(maps, "shop").GetAsyncEnumerator();
        Assert.True(await watch.MoveNextAsync());
        Assert.Equal(WatchEventType.Synced, watch.Current.Type);
        await Task.Delay(TimeSpan.FromSeconds(1), loop.Clock);
        cluster.Put("a");
        var arrived = loop.Clock.GetTimestamp();
        await Task.Delay(TimeSpan.FromSeconds(30), loop.Clock);
        Assert.True(await watch.MoveNextAsync());
        Assert.Equal(arrived, watch.Current.ReceivedAt);
    });

    [Fact]
    public void Watch_WithAFullChannel_WaitsAndLosesNothing() => VirtualLoop.Run(async loop =>
    {
        var cluster = new FakeCluster();
        await using var client = cluster.Client(loop.Clock);
        await using var watch = client.WatchAsync(maps, "shop", new WatchOptions { Capacity = 2 }).GetAsyncEnumerator();
        Assert.True(await watch.MoveNextAsync());
        for (var i = 0; i < 20; i++)
        {
            cluster.Put($"a{i}");
        }

        for (var i = 0; i < 20; i++)
        {
            Assert.True(await watch.MoveNextAsync());
            Assert.Equal($"a{i}", watch.Current.Object!.Metadata.Name);
        }
    });

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    public void Watch_RefusedForGood_ThrowsAfterWhatWasSeen(int code) => Run(async (cluster, consumer, _) =>
    {
        await consumer.UntilAsync(() => cluster.OpenWatches == 1);
        cluster.Intercept(() => null);
        cluster.Intercept(() => ScriptedServer.Json(ScriptedServer.Status(code, "No", "no"), code));
        cluster.EndWatches();
        var error = await Assert.ThrowsAsync<ApiException>(() => consumer.Ended);
        Assert.Equal(code, error.Code);
        Assert.Equal(["Added old", "Synced", "Interrupted"], consumer.Brief);
    });

    [Fact]
    public void Watch_RefusedTheFirstList_Throws() => VirtualLoop.Run(async loop =>
    {
        var cluster = new FakeCluster();
        cluster.Intercept(() => throw new HttpRequestException("Connection refused", new System.Net.Sockets.SocketException((int)System.Net.Sockets.SocketError.ConnectionRefused)));
        await using var client = cluster.Client(loop.Clock);
        await using var watch = client.WatchAsync(maps, "shop").GetAsyncEnumerator();
        var error = await Assert.ThrowsAsync<ApiUnreachableException>(async () => await watch.MoveNextAsync());
        Assert.Equal(UnreachableCause.ConnectionRefused, error.Cause);
    });

    [Theory]
    [InlineData("not json\n", "not JSON")]
    [InlineData("[1]\n", "not an object")]
    [InlineData("{\"type\":\"ADDED\"}\n", "has no object")]
    [InlineData("{\"type\":\"ADDED\",\"object\":{\"metadata\":5}}\n", "$.metadata")]
    [InlineData("{\"type\":7,\"object\":{}}\n", "type is no text")]
    public void Watch_OfNonsense_ThrowsWithAClearMessage(string line, string expected) => VirtualLoop.Run(async loop =>
    {
        var server = ScriptedServer.InTurn(
            () => ScriptedServer.Json("""{"metadata":{"resourceVersion":"5"},"items":[]}"""),
            () => ScriptedServer.Raw(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(line))));
        await using var client = server.Client(loop.Clock);
        await using var watch = client.WatchAsync(maps, "shop").GetAsyncEnumerator();
        Assert.True(await watch.MoveNextAsync());
        var error = await Assert.ThrowsAsync<ApiException>(async () => await watch.MoveNextAsync());
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains("GET /api/v1/namespaces/shop/configmaps", error.Message, StringComparison.Ordinal);
    });

    [Fact]
    public void Watch_OfAnEndlessLine_StopsAtTheLimit() => VirtualLoop.Run(async loop =>
    {
        var endless = new HandStream();
        var server = ScriptedServer.InTurn(
            () => ScriptedServer.Json("""{"metadata":{"resourceVersion":"5"},"items":[]}"""),
            () => ScriptedServer.Raw(endless));
        for (var i = 0; i < 100; i++)
        {
            endless.Feed(new string('x', 4096));
        }

        await using var client = server.Client(loop.Clock);
        await using var watch = client.WatchAsync(maps, "shop", new WatchOptions { MaxEventSize = 64 * 1024 }).GetAsyncEnumerator();
        Assert.True(await watch.MoveNextAsync());
        var error = await Assert.ThrowsAsync<ApiException>(async () => await watch.MoveNextAsync());
        Assert.Contains("longer than 65536 bytes", error.Message, StringComparison.Ordinal);
    });

    [Fact]
    public void Watch_LeftByItsConsumer_ClosesItsStream() => VirtualLoop.Run(async loop =>
    {
        var cluster = new FakeCluster();
        await using var client = cluster.Client(loop.Clock);
        await using (var watch = client.WatchAsync(maps, "shop").GetAsyncEnumerator())
        {
            Assert.True(await watch.MoveNextAsync());
            await Task.Delay(TimeSpan.FromMilliseconds(1), loop.Clock);
            Assert.Equal(1, cluster.OpenWatches);
        }

        Assert.Equal(0, cluster.OpenWatches);
    });

    /// <summary>Watches a cluster with one object; the body drives the cluster.</summary>
    private static void Run(Func<FakeCluster, WatchConsumer, VirtualLoop, Task> body, WatchOptions? options = null) => VirtualLoop.Run(async loop =>
    {
        var cluster = new FakeCluster();
        cluster.Put("old");
        await using var client = cluster.Client(loop.Clock);
        using var stop = new CancellationTokenSource();
        var consumer = new WatchConsumer();
        var running = consumer.RunAsync(client.WatchAsync(maps, "shop", options, stop.Token));
        await consumer.UntilAsync(() => consumer.Events.Count >= 2);
        await body(cluster, consumer, loop);
        stop.Cancel();
        await running;
    });
}
