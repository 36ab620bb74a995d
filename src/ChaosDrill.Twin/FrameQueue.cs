namespace ChaosDrill.Twin;

/// <summary>Frames on their way to one reader: a watch, a followed log, one direction of an exec.</summary>
/// <remarks>Frames are sent inside the loop or from a program's own flow, and read anywhere. A reader that falls too far behind is cut off, as the real server does.</remarks>
internal class FrameQueue(TwinLoop loop) : IDisposable
{
    /// <summary>Frames that may wait for a slow reader.</summary>
    private const int Capacity = 100_000;

    private readonly Lock gate = new();
    private readonly Queue<ReadOnlyMemory<byte>> frames = new();
    private TaskCompletionSource<bool>? reader;
    private bool ended;
    private bool frozen;

    /// <summary>Called once, inside the loop, when the queue has ended for any reason.</summary>
    public event Action? Ended;

    /// <summary>Hands a frame to the reader, now or when it comes; after the end it is dropped.</summary>
    public void Send(ReadOnlyMemory<byte> frame)
    {
        Action? wake = null;
        var overrun = false;
        lock (gate)
        {
            if (ended)
            {
                return;
            }

            frames.Enqueue(frame);
            overrun = frames.Count > Capacity;
            if (!frozen)
            {
                wake = TakeReader();
            }
        }

        Wake(wake);
        if (overrun)
        {
            loop.Post(End);
        }
    }

    /// <summary>No more frames; what is queued can still be read.</summary>
    public void End()
    {
        Action? wake;
        lock (gate)
        {
            if (ended)
            {
                return;
            }

            ended = true;
            wake = TakeReader();
        }

        Wake(wake);
        Ended?.Invoke();
    }

    /// <summary>While frozen nothing is handed out: the server does not answer.</summary>
    public void Freeze(bool on)
    {
        Action? wake = null;
        lock (gate)
        {
            frozen = on;
            if (!on && (frames.Count > 0 || ended))
            {
                wake = TakeReader();
            }
        }

        Wake(wake);
    }

    /// <summary>Takes the next frame, if one may be had now.</summary>
    public bool TryRead(out ReadOnlyMemory<byte> frame)
    {
        lock (gate)
        {
            if (frozen)
            {
                frame = default;
                return false;
            }

            return frames.TryDequeue(out frame);
        }
    }

    /// <summary>Completes with true when a frame may be had and with false at the end.</summary>
    public Task<bool> WaitAsync(CancellationToken cancel)
    {
        TaskCompletionSource<bool> wait;
        lock (gate)
        {
            if (!frozen && frames.Count > 0)
            {
                return Task.FromResult(true);
            }

            if (!frozen && ended)
            {
                return Task.FromResult(false);
            }

            if (cancel.IsCancellationRequested)
            {
                return Task.FromCanceled<bool>(cancel);
            }

            reader = wait = new TaskCompletionSource<bool>();
        }

        if (cancel.CanBeCanceled)
        {
            var registration = cancel.UnsafeRegister(static (state, token) =>
            {
                var (queue, source) = ((FrameQueue, TaskCompletionSource<bool>))state!;
                queue.LoopOf.Complete(() => source.TrySetCanceled(token));
            }, (this, wait));
            wait.Task.ContinueWith(static (_, state) => ((CancellationTokenRegistration)state!).Dispose(), registration,
                CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        return wait.Task;
    }

    public void Dispose() => loop.Run(End);

    private TwinLoop LoopOf => loop;

    private Action? TakeReader()
    {
        if (reader is not { } waiting)
        {
            return null;
        }

        reader = null;
        return () => waiting.TrySetResult(true);
    }

    private void Wake(Action? wake)
    {
        if (wake is not null)
        {
            loop.Complete(wake);
        }
    }
}
