using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Controllers;

/// <summary>What is to happen to one pod on its node later on; all of it can be called off at once.</summary>
/// <param name="plane">Keeps the time.</param>
/// <param name="kubelet">Without it nothing happens; what was due does when it is back.</param>
/// <param name="find">The pod as it is now; null when it is gone, or in a state that the action was not meant for.</param>
internal sealed class PodTimers(ControlPlane plane, Kubelet kubelet, Func<StoredObject?> find)
{
    private readonly HashSet<IDisposable> timers = [];

    public void After(TimeSpan delay, Action<StoredObject> action)
    {
        IDisposable? timer = null;
        timer = plane.Loop.After(delay, () =>
        {
            timers.Remove(timer!);
            kubelet.WhenAble(() =>
            {
                if (find() is { } pod)
                {
                    action(pod);
                }
            });
        });
        timers.Add(timer);
    }

    public void Cancel()
    {
        foreach (var timer in timers)
        {
            timer.Dispose();
        }

        timers.Clear();
    }
}
