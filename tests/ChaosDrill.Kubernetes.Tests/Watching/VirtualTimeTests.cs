using System.Text.Json.Nodes;
using ChaosDrill.Kubernetes.Tests.Fakes;

namespace ChaosDrill.Kubernetes.Tests.Watching;

/// <summary>Every await of the client must come back to the caller's context, or virtual time runs away from it.</summary>
public sealed class VirtualTimeTests
{
    [Fact]
    public void Client_AgainstASlowHandler_NeverLeavesTheCallersThread() => VirtualLoop.Run(async loop =>
    {
        var cluster = new FakeCluster { Chunk = 100 };
        cluster.Put("a");
        var slow = new SlowHandler(cluster, loop.Clock);
        await using var client = new KubernetesClient(ScriptedServer.Address, slow, loop.Clock);
        var start = loop.Clock.GetTimestamp();
        using var stop = new CancellationTokenSource();
        var consumer = new WatchConsumer();
        var watching = consumer.RunAsync(client.WatchAsync(Resources.ConfigMaps, "shop", null, stop.Token));

        Assert.Single((await client.ListAsync(Resources.ConfigMaps, "shop")).Items);
        Assert.Equal(TimeSpan.FromMilliseconds(20), loop.Clock.GetElapsedTime(start));
        await Task.Delay(TimeSpan.FromMilliseconds(100), loop.Clock);
        Assert.Equal((2, 1), (consumer.Events.Count, cluster.OpenWatches));
        slow.Answer = () => ScriptedServer.Json("{}");
        await client.DeleteAsync(Resources.ConfigMaps, "shop", "a", new DeleteOptions { GracePeriod = TimeSpan.Zero });
        await client.PatchAsync(Resources.ConfigMaps, "shop", "a", Patch.Merge(new JsonObject()));
        await client.CreateAsync(Resources.ConfigMaps, "shop", new ConfigMap());
        await client.EvictAsync("shop", "p");
        await client.ReviewAccessAsync(new AccessAttributes { Verb = "get", Resource = "pods" });
        await client.ProxyServiceAsync("shop", "s", "80", "/");
        await client.GetAsync(Resources.Any("", "v1", "configmaps", "ConfigMap", true), "shop", "a");
        slow.Answer = () => ScriptedServer.Json("{}", 429, "2");
        await Assert.ThrowsAsync<ApiException>(() => client.GetServerVersionAsync());
        slow.Answer = () => throw new IOException("cut");
        await Assert.ThrowsAsync<ApiUnreachableException>(() => client.GetServerVersionAsync());
        slow.Answer = null;
        cluster.Remove("a");
        await consumer.UntilAsync(() => consumer.State.Count == 0);
        cluster.CutWatches();
        await consumer.UntilAsync(() => consumer.Gaps.Any());
        var gap = consumer.Gaps.Single();
        Assert.Equal(TimeSpan.FromMilliseconds(40), loop.Clock.GetElapsedTime(gap.LastHeardAt, gap.ResumedAt!.Value));
        stop.Cancel();
        await watching;
    });

    [Fact]
    public void Loop_MeetingWorkOfAnotherThread_FailsTheTest() =>
        Assert.ThrowsAny<Exception>(() => VirtualLoop.Run(async loop =>
        {
            var elsewhere = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var thread = new Thread(elsewhere.SetResult);
            var delay = Task.Delay(TimeSpan.FromHours(1), loop.Clock);
            thread.Start();
            thread.Join();
            await elsewhere.Task;
            await HopAsync(delay);
        }));

    // What the client must not do: continue on the thread pool.
    private static async Task HopAsync(Task delay)
    {
        await delay.ConfigureAwait(false);
        await Task.Yield();
    }

    private sealed class SlowHandler(HttpMessageHandler inner, ManualClock clock) : DelegatingHandler(inner)
    {
        public Func<HttpResponseMessage>? Answer { get; set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), clock, cancellationToken);
            return Answer is { } answer ? answer() : await base.SendAsync(request, cancellationToken);
        }
    }
}
