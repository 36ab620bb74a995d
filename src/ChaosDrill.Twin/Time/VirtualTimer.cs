namespace ChaosDrill.Twin;

/// <summary>A timer of the virtual clock; re-arming or disposing it makes what was queued for it void.</summary>
internal sealed class VirtualTimer(VirtualClock clock, TimerCallback callback, object? state) : ITimer
{
    private readonly ExecutionContext? context = ExecutionContext.Capture();
    private int arming;
    private bool armed;
    private bool disposed;
    private TimeSpan period = Timeout.InfiniteTimeSpan;

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        if (disposed)
        {
            return false;
        }

        this.period = period;
        arming++;
        armed = dueTime != Timeout.InfiniteTimeSpan;
        if (armed)
        {
            clock.Arm(this, arming, dueTime);
        }

        return true;
    }

    public void Dispose()
    {
        disposed = true;
        armed = false;
        arming++;
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    internal bool IsArmed(int candidate) => armed && candidate == arming;

    internal void Fire()
    {
        armed = false;
        if (period != Timeout.InfiniteTimeSpan && period > TimeSpan.Zero)
        {
            Change(period, period);
        }

        if (context is null)
        {
            callback(state);
        }
        else
        {
            ExecutionContext.Run(context, static timer => ((VirtualTimer)timer!).Call(), this);
        }
    }

    private void Call() => callback(state);
}
