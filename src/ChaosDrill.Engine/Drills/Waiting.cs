namespace ChaosDrill.Engine.Drills;

/// <summary>The one way to wait for something or a while, whichever comes first.</summary>
internal static class Waiting
{
    /// <summary>Returns when the signal comes or the time has passed.</summary>
    /// <exception cref="OperationCanceledException">Cancelled first.</exception>
    public static async Task ForAsync(Task signal, TimeSpan atMost, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var elapsed = Task.Delay(atMost < Longest ? atMost : Longest, clock, timer.Token);
        await Task.WhenAny(signal, elapsed);

        // CancelAsync would take a detour over the thread pool, and virtual time would run ahead.
        timer.Cancel();
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Timers take no more than about 49 days; callers look again anyway.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);
}
