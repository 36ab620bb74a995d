using ChaosDrill.Kubernetes;

namespace ChaosDrill.Actions.Workloads;

/// <summary>
/// Passes the events of the one watch on a namespace's pods to whoever listens, so that a fault's effect and the
/// readiness of a workload are told by the same stream, in the same order and with the same instants.
/// </summary>
/// <remarks>Thread-safe. Listeners run on the watch's loop and must not block.</remarks>
internal sealed class PodFeed
{
    private readonly Lock _lock = new();
    private readonly List<Action<WatchEvent<Pod>>> _listeners = [];

    /// <summary>Listens until the result is disposed.</summary>
    public IDisposable Listen(Action<WatchEvent<Pod>> listener)
    {
        lock (_lock)
        {
            _listeners.Add(listener);
        }

        return new Subscription(this, listener);
    }

    /// <summary>Passes an event on.</summary>
    public void Publish(WatchEvent<Pod> happened)
    {
        Action<WatchEvent<Pod>>[] listeners;
        lock (_lock)
        {
            listeners = [.. _listeners];
        }

        foreach (var listener in listeners)
        {
            listener(happened);
        }
    }

    private sealed class Subscription(PodFeed feed, Action<WatchEvent<Pod>> listener) : IDisposable
    {
        public void Dispose()
        {
            lock (feed._lock)
            {
                feed._listeners.Remove(listener);
            }
        }
    }
}
