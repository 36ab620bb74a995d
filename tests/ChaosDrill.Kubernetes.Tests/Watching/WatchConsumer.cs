namespace ChaosDrill.Kubernetes.Tests.Watching;

/// <summary>Collects what a watch delivers and rebuilds the state from it, refusing anything lost or doubled.</summary>
internal sealed class WatchConsumer
{
    private readonly TaskCompletionSource done = new();
    private readonly List<(Func<bool> Condition, TaskCompletionSource Met)> waits = [];

    public List<WatchEvent<ConfigMap>> Events { get; } = [];

    public Dictionary<string, (string Uid, string Version)> State { get; } = [];

    public Task Ended => done.Task;

    public IEnumerable<string> Brief => Events.Select(item => item.Object is null ? $"{item.Type}" : $"{item.Type} {item.Object.Metadata.Name}");

    public IEnumerable<WatchGap> Gaps => Events.Where(item => item.Type == WatchEventType.Resumed).Select(item => item.Gap!);

    public async Task RunAsync(IAsyncEnumerable<WatchEvent<ConfigMap>> watch)
    {
        try
        {
            await foreach (var item in watch)
            {
                Take(item);
                foreach (var wait in waits.Where(wait => wait.Condition()).ToList())
                {
                    waits.Remove(wait);
                    wait.Met.TrySetResult();
                }
            }

            done.TrySetResult();
        }
        catch (Exception error)
        {
            done.TrySetException(error);
            waits.ForEach(wait => wait.Met.TrySetException(error));
        }
    }

    public Task UntilAsync(Func<bool> condition)
    {
        var met = new TaskCompletionSource();
        if (condition())
        {
            met.SetResult();
        }
        else
        {
            waits.Add((condition, met));
        }

        return met.Task;
    }

    private void Take(WatchEvent<ConfigMap> item)
    {
        Events.Add(item);
        if (item.Object is not { Metadata: { Name: { } name, Uid: { } uid, ResourceVersion: { } version } })
        {
            return;
        }

        switch (item.Type)
        {
            case WatchEventType.Added:
                Assert.True(State.TryAdd(name, (uid, version)), $"{name} was added twice");
                break;
            case WatchEventType.Modified:
                Assert.Equal(uid, State[name].Uid);
                Assert.NotEqual(version, State[name].Version);
                State[name] = (uid, version);
                break;
            case WatchEventType.Deleted:
                Assert.Equal(uid, State[name].Uid);
                State.Remove(name);
                break;
        }
    }
}
