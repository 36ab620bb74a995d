using ChaosDrill.Engine;
using ChaosDrill.Kubernetes;

namespace ChaosDrill.Actions.Undos;

/// <summary>Watches while something is done, so that its effect cannot slip by unseen.</summary>
internal static class Sighting
{
    /// <summary>Begins to watch, acts, and goes on watching until the effect was seen.</summary>
    /// <param name="client">Watches.</param>
    /// <param name="resource">What is watched.</param>
    /// <param name="ns">Where.</param>
    /// <param name="options">Which of them.</param>
    /// <param name="seen">Folds every event, and says whether the effect was seen by it.</param>
    /// <param name="act">Called when the state before is known.</param>
    /// <param name="limit">How long after the act the effect may take.</param>
    /// <param name="cancellationToken">Stops all of it.</param>
    /// <returns>Whether it was seen in time.</returns>
    public static Task<bool> AroundAsync<T>(
        KubernetesClient client, Resource<T> resource, string? ns, WatchOptions options, Func<WatchEvent<T>, bool> seen, Func<Task> act,
        TimeSpan limit, CancellationToken cancellationToken)
    {
        return AroundAsync(client, resource, ns, options, seen, LimitedAsync, cancellationToken);

        async Task<TimeSpan?> LimitedAsync()
        {
            await act();
            return limit;
        }
    }

    /// <summary>The same, where only the act tells how long its effect may take, or, with null, that there is none to wait for.</summary>
    public static async Task<bool> AroundAsync<T>(
        KubernetesClient client, Resource<T> resource, string? ns, WatchOptions options, Func<WatchEvent<T>, bool> seen, Func<Task<TimeSpan?>> act,
        CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var synced = Signal.New();
        var acted = Signal.New();
        var watching = WatchAsync();
        TimeSpan? limit;
        try
        {
            await synced.Task;
            limit = await act();
            acted.TrySetResult();
        }
        catch
        {
            acted.TrySetResult();
            stop.Cancel();
            await watching;
            throw;
        }

        if (limit is null)
        {
            stop.Cancel();
            await watching;
            return true;
        }

        using var timer = client.Clock.CreateTimer(_ => stop.Cancel(), null, limit.Value, Timeout.InfiniteTimeSpan);
        var result = await watching;
        cancellationToken.ThrowIfCancellationRequested();
        return result;

        async Task<bool> WatchAsync()
        {
            try
            {
                await foreach (var e in client.WatchAsync(resource, ns, options, stop.Token))
                {
                    var done = seen(e);
                    if (e.Type == WatchEventType.Synced)
                    {
                        synced.TrySetResult();
                    }

                    if (done)
                    {
                        synced.TrySetResult();

                        // Closing a watch takes time, which an act that goes on may not have to spare.
                        await acted.Task;
                        return true;
                    }
                }
            }
            catch (OperationCanceledException)
            {
                synced.TrySetCanceled(stop.Token);
            }
            catch (Exception e) when (e is ApiException or ApiUnreachableException)
            {
                if (!synced.TrySetException(e))
                {
                    throw;
                }
            }

            return false;
        }
    }
}
