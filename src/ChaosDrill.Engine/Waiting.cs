namespace ChaosDrill.Engine;

/// <summary>The one way to wait for something or a while, whichever comes first.</summary>
public static class Waiting
{
    /// <summary>Timers take no more than about 49 days; callers look again anyway.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <summary>Returns when the signal comes or the time has passed. A signal that failed throws what it failed with.</summary>
    /// <remarks>Not by Task.WhenAny: after a cancellation that goes on in the thread pool, where virtual time does not see it.</remarks>
    /// <exception cref="OperationCanceledException">Cancelled first.</exception>
    public static async Task ForAsync(Task signal, TimeSpan atMost, TimeProvider clock, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var first = Signal.New();
        await using var timer = clock.CreateTimer(
            _ => first.TrySetResult(), null, atMost < Longest ? atMost : Longest, Timeout.InfiniteTimeSpan);
        using var cancellation = cancellationToken.Register(() => first.TrySetCanceled(cancellationToken));
        _ = PassOnAsync(signal, first);
        await first.Task;
    }

    private static async Task PassOnAsync(Task signal, TaskCompletionSource first)
    {
        try
        {
            await signal;
            first.TrySetResult();
        }
        catch (Exception e)
        {
            first.TrySetException(e);
        }
    }
}
