namespace ChaosDrill.Kubernetes.Tests.Fakes;

/// <summary>A clock whose time passes only when told to.</summary>
internal sealed class ManualClock : TimeProvider
{
    private readonly Lock door = new();
    private readonly List<ManualTimer> timers = [];
    private long ticks = new DateTimeOffset(2026, 11, 21, 3, 0, 0, TimeSpan.Zero).Ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>When the next timer is due, or null.</summary>
    public TimeSpan? Next
    {
        get
        {
            lock (door)
            {
                return timers.Where(timer => timer.Due is not null).Min(timer => timer.Due) is { } due ? new TimeSpan(Math.Max(0, due - ticks)) : null;
            }
        }
    }

    public override long GetTimestamp() => Interlocked.Read(ref ticks);

    public override DateTimeOffset GetUtcNow() => new(GetTimestamp(), TimeSpan.Zero);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        lock (door)
        {
            timers.Add(timer);
        }

        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves on, firing what becomes due on the calling thread.</summary>
    public void Advance(TimeSpan by)
    {
        var until = GetTimestamp() + by.Ticks;
        while (true)
        {
            ManualTimer? first;
            lock (door)
            {
                first = timers.Where(timer => timer.Due <= until).MinBy(timer => timer.Due);
                Interlocked.Exchange(ref ticks, first is null ? until : Math.Max(ticks, first.Due!.Value));
                first?.Clear();
            }

            if (first is null)
            {
                return;
            }

            first.Fire();
        }
    }

    private sealed class ManualTimer(ManualClock clock, TimerCallback callback, object? state) : ITimer
    {
        public long? Due { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock.door)
            {
                Due = dueTime == Timeout.InfiniteTimeSpan ? null : clock.GetTimestamp() + dueTime.Ticks;
                return true;
            }
        }

        public void Clear() => Due = null;

        public void Fire() => callback(state);

        public void Dispose()
        {
            lock (clock.door)
            {
                Due = null;
                clock.timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}

/// <summary>
/// One thread, and a clock that jumps to its next timer whenever nothing is runnable. It notes each continuation that
/// comes from another thread: that would be work which virtual time cannot see.
/// </summary>
internal sealed class VirtualLoop : SynchronizationContext
{
    private readonly Queue<(SendOrPostCallback Callback, object? State)> runnable = new();
    private readonly Lock door = new();
    private readonly int thread = Environment.CurrentManagedThreadId;

    public ManualClock Clock { get; } = new();

    public List<string> ForeignPosts { get; } = [];

    /// <summary>Runs a test body to its end in virtual time.</summary>
    public static void Run(Func<VirtualLoop, Task> body)
    {
        var before = Current;
        var loop = new VirtualLoop();
        SetSynchronizationContext(loop);
        try
        {
            loop.Pump(body(loop));
        }
        finally
        {
            SetSynchronizationContext(before);
        }

        Assert.Empty(loop.ForeignPosts);
    }

    public override void Post(SendOrPostCallback d, object? state)
    {
        lock (door)
        {
            if (Environment.CurrentManagedThreadId != thread)
            {
                ForeignPosts.Add(Environment.StackTrace);
            }

            runnable.Enqueue((d, state));
        }
    }

    public override void Send(SendOrPostCallback d, object? state) => d(state);

    public override SynchronizationContext CreateCopy() => this;

    private void Pump(Task whole)
    {
        var begun = Clock.GetTimestamp();
        while (true)
        {
            (SendOrPostCallback Callback, object? State) next;
            bool any;
            lock (door)
            {
                any = runnable.TryDequeue(out next);
            }

            if (any)
            {
                next.Callback(next.State);
            }
            else if (whole.IsCompleted)
            {
                whole.GetAwaiter().GetResult();
                return;
            }
            else if (Clock.GetElapsedTime(begun) > TimeSpan.FromDays(2))
            {
                throw new InvalidOperationException("Two days have passed: the test waits for something that does not come.");
            }
            else if (Clock.Next is { } due)
            {
                Clock.Advance(due);
            }
            else
            {
                throw new InvalidOperationException("Nothing is runnable and no timer is set: the code waits for another thread." + Environment.NewLine + string.Join(Environment.NewLine, ForeignPosts));
            }
        }
    }
}
