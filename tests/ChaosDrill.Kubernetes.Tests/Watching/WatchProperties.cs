using ChaosDrill.Kubernetes.Tests.Fakes;
using FsCheck;
using FsCheck.Fluent;

namespace ChaosDrill.Kubernetes.Tests.Watching;

/// <summary>Whatever happens to the stream, the consumer ends up with the server's state and sees nothing twice.</summary>
public sealed class WatchProperties
{
    [Fact]
    public void Watch_UnderAnySequenceOfChangesAndCuts_RebuildsTheServersState() =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(600).WithEndSize(120),
            Prop.ForAll<byte[]>(script =>
            {
                VirtualLoop.Run(loop => PlayAsync(loop, script));
                return true;
            }));

    // The byte's low bits choose the act, its high bits the object or amount: shrinking bytes shrinks the story.
    private static async Task PlayAsync(VirtualLoop loop, byte[] script)
    {
        var cluster = new FakeCluster
        {
            Chunk = script.Length % 3 == 0 ? 7 : int.MaxValue,
            Repeats = script.Length % 4,
            PageSize = script.Length % 2 == 0 ? 2 : int.MaxValue,
        };
        cluster.Put("o1");
        await using var client = cluster.Client(loop.Clock);
        using var stop = new CancellationTokenSource();
        var consumer = new WatchConsumer();
        var running = consumer.RunAsync(client.WatchAsync(
            Resources.ConfigMaps, "shop", new WatchOptions { Capacity = 1 + (script.Length % 5), Seed = script.Length }, stop.Token));
        foreach (var act in script)
        {
            await ActAsync(cluster, loop, act % 16, act / 16);
            Assert.False(consumer.Ended.IsFaulted, consumer.Ended.Exception?.ToString());
        }

        cluster.Put("last");
        await Task.Delay(TimeSpan.FromMinutes(20), loop.Clock);
        Assert.Equal(cluster.State.OrderBy(pair => pair.Key), consumer.State.OrderBy(pair => pair.Key));
        Assert.Single(consumer.Events, item => item.Type == WatchEventType.Synced);
        var turns = consumer.Events.Where(item => item.Gap is not null).Select(item => item.Type).ToList();
        Assert.All(turns.Index(), turn => Assert.Equal(turn.Index % 2 == 0 ? WatchEventType.Interrupted : WatchEventType.Resumed, turn.Item));
        Assert.All(consumer.Events.Zip(consumer.Events.Skip(1)), pair => Assert.True(pair.First.ReceivedAt <= pair.Second.ReceivedAt));
        var unmended = consumer.Events.Where(item => item.Object is not null).GroupBy(item => (item.Object!.Metadata.Uid, item.ResourceVersion, item.Type));
        Assert.DoesNotContain(unmended, group => group.Count() > 1);
        stop.Cancel();
        await running;
    }

    private static async Task ActAsync(FakeCluster cluster, VirtualLoop loop, int act, int amount)
    {
        switch (act)
        {
            case <= 4:
                cluster.Put($"o{amount % 5}");
                break;
            case <= 6:
                cluster.Remove($"o{amount % 5}");
                break;
            case 7:
                cluster.EndWatches();
                break;
            case 8:
                cluster.CutWatches();
                break;
            case 9:
                cluster.ExpireWatches();
                break;
            case 10:
                cluster.Compact();
                break;
            case 11:
                cluster.Bookmark();
                break;
            case 12:
                cluster.Repeat(amount);
                break;
            case 13:
                cluster.Intercept(() => throw new IOException("The connection was cut."));
                break;
            case 14:
                cluster.Intercept(() => ScriptedServer.Json(ScriptedServer.Status(503, "ServiceUnavailable", "starting"), 503));
                break;
            default:
                await Task.Delay(TimeSpan.FromMilliseconds(amount * 40), loop.Clock);
                break;
        }

        if (amount % 2 == 0)
        {
            await Task.Yield();
        }
    }
}
