namespace ChaosDrill.Twin;

/// <summary>A clock that jumps: whenever nothing is left to do, time moves to the next timer that is due.</summary>
/// <remarks>
/// Everything runs on the thread that called <see cref="Run{T}"/>. Timers fire in the order of their due time, and of
/// their creation where due times are equal, so that a run can be repeated exactly. Code under this clock must come
/// back to the captured synchronization context: a continuation that went to the thread pool runs beside the clock,
/// and <see cref="ForeignPosts"/> tells that it happened.
/// </remarks>
public sealed class VirtualClock : TimeProvider
{
    /// <summary>How long, in real time, an idle pump waits for work that is out on another thread before it calls a deadlock.</summary>
    private static readonly TimeSpan ForeignPatience = TimeSpan.FromSeconds(2);

    private static readonly DateTimeOffset WallStart = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly object gate = new();
    private readonly Queue<(SendOrPostCallback Callback, object? State)> ready = new();
    private readonly PriorityQueue<(VirtualTimer Timer, int Arming), (long Due, long Order)> timers = new();
    private readonly Pump pump;
    private readonly int thread = Environment.CurrentManagedThreadId;
    private long now;
    private long order;
    private long wallOffset;
    private int foreignPosts;
    private int holds;

    private VirtualClock() => pump = new Pump(this);

    /// <summary>How often another thread posted to this clock or armed a timer on it. Anything but 0 means that the run may not repeat.</summary>
    public int ForeignPosts => Volatile.Read(ref foreignPosts);

    /// <summary>Virtual time since the run began.</summary>
    public TimeSpan Elapsed => TimeSpan.FromTicks(Interlocked.Read(ref now));

    /// <summary>Ticks of 100 ns.</summary>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Always UTC, so that a run does not depend on where it runs.</summary>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <summary>Runs <paramref name="body"/> to its end under a new clock, on the calling thread.</summary>
    /// <param name="body">The asynchronous work; it gets the clock.</param>
    /// <exception cref="InvalidOperationException">Nothing is runnable, no timer is due, and the body is not done.</exception>
    public static T Run<T>(Func<VirtualClock, Task<T>> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        var clock = new VirtualClock();
        var outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(clock.pump);
        try
        {
            var task = body(clock);
            clock.RunUntilDone(task);
            return task.GetAwaiter().GetResult();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
        }
    }

    /// <summary>Runs <paramref name="body"/> to its end under a new clock, on the calling thread.</summary>
    /// <param name="body">The asynchronous work; it gets the clock.</param>
    /// <exception cref="InvalidOperationException">Nothing is runnable, no timer is due, and the body is not done.</exception>
    public static void Run(Func<VirtualClock, Task> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        Run(async clock =>
        {
            await body(clock);
            return true;
        });
    }

    /// <summary>Sets the wall clock forward or back, as an administrator or NTP would; the monotonic clock does not notice.</summary>
    /// <param name="by">How far; negative sets it back.</param>
    public void StepWallClock(TimeSpan by) => Interlocked.Add(ref wallOffset, by.Ticks);

    /// <summary>Keeps time from moving until the result is disposed: for work that has to be done on another thread.</summary>
    public IDisposable Hold()
    {
        lock (gate)
        {
            holds++;
        }

        return new Held(this);
    }

    /// <inheritdoc/>
    public override long GetTimestamp() => Interlocked.Read(ref now);

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => WallStart.AddTicks(Interlocked.Read(ref now) + Interlocked.Read(ref wallOffset));

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new VirtualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Queues work for the pump thread.</summary>
    internal void Post(SendOrPostCallback callback, object? state)
    {
        CountForeign();
        lock (gate)
        {
            ready.Enqueue((callback, state));
            Monitor.Pulse(gate);
        }
    }

    internal void Arm(VirtualTimer timer, int arming, TimeSpan due)
    {
        CountForeign();
        lock (gate)
        {
            timers.Enqueue((timer, arming), (now + Math.Max(0, due.Ticks), order++));
            Monitor.Pulse(gate);
        }
    }

    private void CountForeign()
    {
        if (Environment.CurrentManagedThreadId != thread)
        {
            Interlocked.Increment(ref foreignPosts);
        }
    }

    private void RunUntilDone(Task body)
    {
        while (true)
        {
            if (TryTakeReady(out var work))
            {
                SynchronizationContext.SetSynchronizationContext(pump);
                work.Callback(work.State);
            }
            else if (body.IsCompleted)
            {
                return;
            }
            else if (Volatile.Read(ref holds) > 0)
            {
                WaitForOthers(Timeout.InfiniteTimeSpan);
            }
            else if (TryTakeTimer(out var timer))
            {
                SynchronizationContext.SetSynchronizationContext(pump);
                timer.Fire();
            }
            else if (!WaitForOthers(ForeignPatience))
            {
                throw new InvalidOperationException(
                    $"The virtual clock is stuck at {Elapsed}: nothing is runnable, no timer is due, and the body is not done. " +
                    "Something awaits what nothing here will complete (a real timer, a socket, or an event that never comes).");
            }
        }
    }

    /// <summary>Waits in real time for another thread; false when none came.</summary>
    private bool WaitForOthers(TimeSpan patience)
    {
        lock (gate)
        {
            var held = holds;
            return ready.Count > 0 || timers.Count > 0 && held == 0 || Monitor.Wait(gate, patience);
        }
    }

    private bool TryTakeReady(out (SendOrPostCallback Callback, object? State) work)
    {
        lock (gate)
        {
            return ready.TryDequeue(out work);
        }
    }

    private bool TryTakeTimer(out VirtualTimer timer)
    {
        lock (gate)
        {
            while (timers.TryDequeue(out var entry, out var when))
            {
                if (entry.Timer.IsArmed(entry.Arming))
                {
                    now = Math.Max(now, when.Due);
                    timer = entry.Timer;
                    return true;
                }
            }
        }

        timer = null!;
        return false;
    }

    private sealed class Pump(VirtualClock clock) : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => clock.Post(d, state);

        public override void Send(SendOrPostCallback d, object? state)
        {
            if (Environment.CurrentManagedThreadId != clock.thread)
            {
                throw new NotSupportedException("Only the pump's own thread may send to it.");
            }

            d(state);
        }

        public override SynchronizationContext CreateCopy() => this;
    }

    private sealed class Held(VirtualClock clock) : IDisposable
    {
        private int done;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref done, 1) == 0)
            {
                lock (clock.gate)
                {
                    clock.holds--;
                    Monitor.Pulse(clock.gate);
                }
            }
        }
    }
}
