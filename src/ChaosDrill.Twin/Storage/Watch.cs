using System.Text;
using System.Text.Json.Nodes;

namespace ChaosDrill.Twin.Storage;

/// <summary>One open watch: changes in, frames out.</summary>
/// <remarks>Changes are offered inside the loop; frames are read anywhere. A reader that falls too far behind is cut off, as the real server does.</remarks>
internal sealed class Watch(TwinLoop loop, WatchFilter filter, IWatchFormat format, long after) : IDisposable
{
    /// <summary>Frames that may wait for a slow reader.</summary>
    private const int Capacity = 100_000;

    private readonly Lock gate = new();
    private readonly Queue<ReadOnlyMemory<byte>> frames = new();
    private TaskCompletionSource<bool>? reader;
    private bool ended;
    private bool frozen;

    /// <summary>Called once, inside the loop, when the watch has ended for any reason.</summary>
    public event Action? Ended;

    public void Offer(StoreChange change)
    {
        if (change.Version <= after)
        {
            // The client asked for what comes after a version that has not been reached yet.
            return;
        }

        var matched = change.Previous is not null && filter.Matches(change.Previous);
        var matches = filter.Matches(change.Object);
        var seen = (change.Kind, matched, matches) switch
        {
            (ChangeKind.Deleted, true, _) => "DELETED",
            (ChangeKind.Deleted, false, _) => null,
            (_, false, true) => "ADDED",
            (_, true, true) => "MODIFIED",
            (_, true, false) => "DELETED",
            _ => null,
        };

        if (seen is not null)
        {
            Send(format.Frame(seen, change.Object));
        }
    }

    /// <summary>An object that was there before the watch began.</summary>
    public void OfferExisting(StoredObject stored)
    {
        if (filter.Matches(stored))
        {
            Send(format.Frame("ADDED", stored));
        }
    }

    public void SendBookmark(long version, bool initialEventsEnd) => Send(format.Bookmark(version, initialEventsEnd));

    public void SendError(JsonObject status) =>
        Send(Encoding.UTF8.GetBytes($"{{\"type\":\"ERROR\",\"object\":{Encoding.UTF8.GetString(StoredObject.Serialize(status))}}}\n"));

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
                var (watch, source) = ((Watch, TaskCompletionSource<bool>))state!;
                watch.LoopOf.Complete(() => source.TrySetCanceled(token));
            }, (this, wait));
            wait.Task.ContinueWith(static (_, state) => ((CancellationTokenRegistration)state!).Dispose(), registration,
                CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        return wait.Task;
    }

    public void Dispose() => loop.Run(End);

    private TwinLoop LoopOf => loop;

    private void Send(ReadOnlyMemory<byte> frame)
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
