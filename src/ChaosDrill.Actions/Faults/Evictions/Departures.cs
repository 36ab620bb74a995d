using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Plans;

namespace ChaosDrill.Actions.Faults.Evictions;

/// <summary>The pods that are to go, and what was seen of their end.</summary>
/// <remarks>Thread-safe: the watch sees while evictions are asked for.</remarks>
internal sealed class Departures(IFaultReport report)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Target> _open = [];
    private readonly Dictionary<string, TimeSpan> _graces = [];
    private readonly Dictionary<string, long> _since = [];
    private bool _complete;

    /// <summary>Those that are not gone yet.</summary>
    public IReadOnlyList<Target> Open
    {
        get
        {
            lock (_lock)
            {
                return [.. _open.Values];
            }
        }
    }

    public bool AreGone => Open.Count == 0;

    /// <summary>The longest that one of them may take to end by itself.</summary>
    public TimeSpan LongestGrace
    {
        get
        {
            lock (_lock)
            {
                return _open.Keys.Select(uid => _graces.GetValueOrDefault(uid)).DefaultIfEmpty().Max();
            }
        }
    }

    public void Expect(IEnumerable<Target> pods)
    {
        lock (_lock)
        {
            foreach (var pod in pods)
            {
                _open[pod.Uid] = pod;
            }
        }
    }

    /// <summary>No more are to come: from now on they can all be gone.</summary>
    public void Complete()
    {
        lock (_lock)
        {
            _complete = true;
        }
    }

    /// <summary>It went by itself before it was evicted.</summary>
    public void Forget(Target pod)
    {
        lock (_lock)
        {
            _open.Remove(pod.Uid);
        }
    }

    /// <summary>Takes in an event; true when no more are to come and all are gone.</summary>
    public bool See(WatchEvent<Pod> e)
    {
        lock (_lock)
        {
            if (e.Object?.Metadata.Uid is { } uid)
            {
                _graces[uid] = TimeSpan.FromSeconds(e.Object.Spec.TerminationGracePeriodSeconds ?? 30);
                if (e.Object.IsTerminating)
                {
                    _since.TryAdd(uid, e.ReceivedAt);
                }

                if (e.Type == WatchEventType.Deleted && _open.Remove(uid, out var target))
                {
                    report.TookEffect(target, $"uid {uid} is gone", _since.GetValueOrDefault(uid, e.ReceivedAt));
                }
            }

            return _complete && _open.Count == 0;
        }
    }
}
