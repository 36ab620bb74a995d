using ChaosDrill.Engine;
using ChaosDrill.Kubernetes;

namespace ChaosDrill.Actions.Faults.NodeFailure;

/// <summary>
/// The pods that are lost with a node, until the drill has seen that none of them counts as ready any more: a recovery
/// that is awaited before that would be over before it began.
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class PodsGivenUp
{
    private readonly Lock _lock = new();
    private readonly HashSet<string> _ready;
    private readonly TaskCompletionSource _all = Signal.New();

    public PodsGivenUp(IEnumerable<Pod> ready)
    {
        _ready = [.. ready.Select(p => p.Metadata.Uid!)];
        if (_ready.Count == 0)
        {
            _all.SetResult();
        }
    }

    /// <summary>Takes an event of the namespace's one pod watch.</summary>
    public void On(WatchEvent<Pod> e)
    {
        lock (_lock)
        {
            if (e.Object is { } pod && (e.Type == WatchEventType.Deleted || pod.IsTerminating || !pod.IsReady) && _ready.Remove(pod.Metadata.Uid!) && _ready.Count == 0)
            {
                _all.TrySetResult();
            }
        }
    }

    /// <summary>Returns when all are given up, or the time has passed.</summary>
    public Task WaitAsync(TimeSpan limit, TimeProvider clock, CancellationToken cancellationToken) => Waiting.ForAsync(_all.Task, limit, clock, cancellationToken);
}
