using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using ChaosDrill.Kubernetes.Tests.Fakes;
using Microsoft.AspNetCore.Http;

namespace ChaosDrill.Kubernetes.Tests.Watching;

/// <summary>Watches over real sockets, TLS and HTTP/2.</summary>
public sealed class NetworkWatchTests
{
    private readonly Authority authority = new();

    [Fact(Timeout = 60_000)]
    public async Task Watch_WhoseConnectionIsAborted_ResumesAndLosesNothing()
    {
        var script = new WatchScript();
        await using var server = await TlsServer.StartAsync(authority.Server(["127.0.0.1"]), script.AnswerAsync);
        await using var client = Client(server);
        await using var watch = client.WatchAsync(Resources.ConfigMaps, "shop").GetAsyncEnumerator(TestContext.Current.CancellationToken);
        await ExpectAsync(watch, "Added old", "Synced");
        var first = await script.NextAsync();
        await first.SendAsync(Event("ADDED", "a", 11));
        await ExpectAsync(watch, "Added a");
        await first.SendAsync("{\"type\":\"ADDED\",\"ob");
        first.Abort();
        await ExpectAsync(watch, "Interrupted");
        var second = await script.NextAsync();
        Assert.Equal("11", second.From);
        await second.SendAsync(Event("MODIFIED", "a", 12));
        await ExpectAsync(watch, "Resumed", "Modified a");
        second.End();
        await ExpectAsync(watch, "Interrupted");
        var third = await script.NextAsync();
        Assert.Equal("12", third.From);
        await third.SendAsync($$"""{"type":"ERROR","object":{{ScriptedServer.Status(410, "Expired", "too old")}}}""" + "\n");
        third.End();
        await ExpectAsync(watch, "Resumed", "Interrupted", "Deleted a", "Modified old");
        var fourth = await script.NextAsync();
        await fourth.SendAsync(Event("ADDED", "b", 30));
        await ExpectAsync(watch, "Resumed", "Added b");
        fourth.End();
    }

    [Fact(Timeout = 60_000)]
    public async Task Watch_OfAServerThatHangs_IsNoticedByPings()
    {
        var script = new WatchScript();
        await using var server = await TlsServer.StartAsync(authority.Server(["127.0.0.1"]), script.AnswerAsync);
        await using var tunnel = new FreezingTunnel(server.Address.Port);
        await using var client = Client(server, configuration => configuration with
        {
            Server = new Uri($"https://127.0.0.1:{tunnel.Port}"),
            KeepAlive = TimeSpan.FromSeconds(1),
        });
        await using var watch = client.WatchAsync(Resources.ConfigMaps, "shop").GetAsyncEnumerator(TestContext.Current.CancellationToken);
        await ExpectAsync(watch, "Added old", "Synced");
        await (await script.NextAsync()).SendAsync(Event("ADDED", "a", 11));
        await ExpectAsync(watch, "Added a");
        tunnel.Freeze();
        await ExpectAsync(watch, "Interrupted");
        await (await script.NextAsync()).SendAsync(Event("ADDED", "b", 12));
        await ExpectAsync(watch, "Resumed", "Added b");
    }

    [Fact(Timeout = 60_000)]
    public async Task Watches_BeyondTheStreamsOfOneConnection_AllWork()
    {
        const int many = 150;
        var script = new WatchScript();
        await using var server = await TlsServer.StartAsync(authority.Server(["127.0.0.1"]), script.AnswerAsync);
        await using var client = Client(server);
        using var stop = new CancellationTokenSource();
        var added = 0;
        var everybody = new TaskCompletionSource();
        var watches = Enumerable.Range(0, many).Select(_ => FollowAsync()).ToList();
        for (var i = 0; i < many; i++)
        {
            await (await script.NextAsync()).SendAsync(Event("ADDED", "a", 100_000));
        }

        await everybody.Task.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Equal("v1.36.2", (await client.GetServerVersionAsync()).GitVersion);
        stop.Cancel();
        await Task.WhenAll(watches);

        async Task FollowAsync()
        {
            try
            {
                await foreach (var item in client.WatchAsync(Resources.ConfigMaps, "shop", null, stop.Token))
                {
                    if (item.Object?.Metadata.Name == "a" && Interlocked.Increment(ref added) == many)
                    {
                        everybody.SetResult();
                    }
                }
            }
            catch (OperationCanceledException)
            {
                // The test is over.
            }
        }
    }

    [Fact(Timeout = 60_000)]
    public async Task Answer_WithRetryAfter_IsRetriedOverTheNetwork()
    {
        var asked = 0;
        await using var server = await TlsServer.StartAsync(authority.Server(["127.0.0.1"]), context =>
        {
            if (Interlocked.Increment(ref asked) > 2)
            {
                return TlsServer.VersionAsync(context);
            }

            context.Response.Headers.RetryAfter = "0";
            return TlsServer.JsonAsync(context, ScriptedServer.Status(429, "TooManyRequests", "slow down"), 429);
        });
        await using var client = Client(server);
        Assert.Equal("v1.36.2", (await client.GetServerVersionAsync()).GitVersion);
        Assert.Equal(3, asked);
    }

    private static string Event(string type, string name, int version) =>
        "{\"type\":\"" + type + "\",\"object\":{\"metadata\":{\"name\":\"" + name + "\",\"namespace\":\"shop\",\"uid\":\"uid-" + name + "\",\"resourceVersion\":\"" + version + "\"}}}\n";

    private static async Task ExpectAsync(IAsyncEnumerator<WatchEvent<ConfigMap>> watch, params string[] expected)
    {
        foreach (var brief in expected)
        {
            Assert.True(await watch.MoveNextAsync());
            Assert.Equal(brief, watch.Current.Object is { } item ? $"{watch.Current.Type} {item.Metadata.Name}" : $"{watch.Current.Type}");
        }
    }

    private KubernetesClient Client(TlsServer server, Func<ClusterConfiguration, ClusterConfiguration>? change = null)
    {
        var configuration = new ClusterConfiguration { Server = server.Address, CertificateAuthority = [authority.Certificate], Environment = _ => null };
        return new KubernetesClient(change?.Invoke(configuration) ?? configuration, TimeProvider.System);
    }

    /// <summary>Answers lists, and hands each watch that arrives to the test.</summary>
    [SuppressMessage("Performance", "CA1822", Justification = "One object a test.")]
    private sealed class WatchScript
    {
        private readonly Channel<OpenWatch> arrived = Channel.CreateUnbounded<OpenWatch>();
        private int lists;

        public async Task<OpenWatch> NextAsync() => await arrived.Reader.ReadAsync(TestContext.Current.CancellationToken);

        public async Task AnswerAsync(HttpContext context)
        {
            if (context.Request.Path == "/version")
            {
                await TlsServer.VersionAsync(context);
            }
            else if (context.Request.Query.ContainsKey("watch"))
            {
                var watch = new OpenWatch(context);
                context.Response.ContentType = "application/json";
                await context.Response.StartAsync();
                arrived.Writer.TryWrite(watch);
                await watch.Ended;
            }
            else
            {
                // The same object at each full list, with a version that grows; small lists only ask for the version.
                var version = context.Request.Query["limit"] == "1" ? 9 : 9 + (11 * lists);
                lists += context.Request.Query["limit"] == "1" ? 0 : 1;
                await TlsServer.JsonAsync(context, context.Request.Query["limit"] == "1"
                    ? """{"metadata":{"resourceVersion":"1000"},"items":[]}"""
                    : "{\"metadata\":{\"resourceVersion\":\"" + version + "\"},\"items\":[{\"metadata\":{\"name\":\"old\",\"namespace\":\"shop\",\"uid\":\"uid-old\",\"resourceVersion\":\"" + version + "\"}}]}");
            }
        }
    }

    private sealed class OpenWatch(HttpContext context)
    {
        private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string From { get; } = context.Request.Query["resourceVersion"].ToString();

        public Task Ended => Task.WhenAny(ended.Task, Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted));

        public async Task SendAsync(string text)
        {
            await context.Response.WriteAsync(text);
            await context.Response.Body.FlushAsync();
        }

        public void End() => ended.SetResult();

        public void Abort() => context.Abort();
    }
}
