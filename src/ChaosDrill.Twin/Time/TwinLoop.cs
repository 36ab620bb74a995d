namespace ChaosDrill.Twin;

/// <summary>Where the cluster lives: one action at a time, in order, each timed by the clock that was handed in.</summary>
/// <remarks>
/// Requests run at once on the caller's thread under the gate; reactions are posted and run later, so that no store
/// write is ever nested in another. Nothing that belongs to a caller runs inside the gate: completions leave it first.
/// </remarks>
internal sealed class TwinLoop(TimeProvider clock)
{
    private readonly Lock gate = new();
    private readonly VirtualClock? virtualClock = clock as VirtualClock;
    private readonly Queue<Action> posted = new();
    private readonly SortedSet<LoopTimer> timers = new(LoopTimer.Order);
    private long numbers;
    private bool draining;
    private volatile bool stopped;

    public TimeProvider Clock => clock;

    /// <summary>Runs now, alone.</summary>
    public T Run<T>(Func<T> action)
    {
        lock (gate)
        {
            return action();
        }
    }

    /// <summary>Runs now, alone.</summary>
    public void Run(Action action)
    {
        lock (gate)
        {
            action();
        }
    }

    /// <summary>Runs after whatever is running now and was posted before.</summary>
    public void Post(Action action)
    {
        lock (gate)
        {
            posted.Enqueue(action);
            if (draining)
            {
                return;
            }

            draining = true;
        }

        Schedule(Drain);
    }

    /// <summary>Runs after a delay; the result cancels it.</summary>
    public IDisposable After(TimeSpan delay, Action action)
    {
        var timer = new LoopTimer(this, action);
        timer.Start(delay);
        return timer;
    }

    /// <summary>Completes something that callers await: outside the gate, on the loop's thread, and without a
    /// synchronization context, so that framework code that does not capture one continues right here instead of on the pool.</summary>
    public void Complete(Action completion) => Schedule(() =>
    {
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            completion();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    });

    /// <summary>Cancels, as <see cref="Complete"/> completes; a source that is no longer needed is left alone.</summary>
    public void Cancel(CancellationTokenSource source) => Complete(() =>
    {
        try
        {
            source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // Its work was done first.
        }
    });

    public void Stop()
    {
        stopped = true;
        lock (gate)
        {
            while (timers.Min is { } timer)
            {
                timer.Dispose();
            }

            posted.Clear();
        }
    }

    private void Schedule(Action work)
    {
        if (virtualClock is not null)
        {
            virtualClock.Post(static state => ((Action)state!)(), work);
        }
        else
        {
            ThreadPool.UnsafeQueueUserWorkItem(static work => work(), work, preferLocal: false);
        }
    }

    private void Drain()
    {
        while (true)
        {
            lock (gate)
            {
                if (stopped || !posted.TryDequeue(out var action))
                {
                    draining = false;
                    return;
                }

                Act(action);
            }
        }
    }

    private static void Act(Action action)
    {
        try
        {
            action();
        }
        catch (Storage.EtcdLostException)
        {
            // Whoever wanted to write does so again when the API server is back.
        }
    }

    private sealed class LoopTimer(TwinLoop loop, Action what) : IDisposable
    {
        /// <summary>Those that are due first, and of two at once the one that was started first.</summary>
        public static readonly Comparer<LoopTimer> Order = Comparer<LoopTimer>.Create((a, b) => a.due != b.due ? a.due.CompareTo(b.due) : a.number.CompareTo(b.number));

        private readonly Action action = what;
        private ITimer? timer;
        private long due;
        private long number;

        public void Start(TimeSpan delay)
        {
            lock (loop.gate)
            {
                due = loop.Clock.GetTimestamp() + (long)(delay.TotalSeconds * loop.Clock.TimestampFrequency);
                number = ++loop.numbers;
                timer = loop.Clock.CreateTimer(static state => ((LoopTimer)state!).Fire(), this, delay, Timeout.InfiniteTimeSpan);
                loop.timers.Add(this);
            }
        }

        public void Dispose()
        {
            lock (loop.gate)
            {
                if (timer is not null)
                {
                    loop.timers.Remove(this);
                    timer.Dispose();
                    timer = null;
                }
            }
        }

        private void Fire()
        {
            lock (loop.gate)
            {
                // On a busy machine a timer may come before one that was due earlier. That one goes first: a pod is not seen after it has started.
                while (timer is not null && !loop.stopped)
                {
                    var first = loop.timers.Min!;
                    first.Dispose();
                    Act(first.action);
                }
            }
        }
    }
}
