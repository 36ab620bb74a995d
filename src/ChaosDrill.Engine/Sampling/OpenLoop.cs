using ChaosDrill.Engine.Ports;

namespace ChaosDrill.Engine.Sampling;

/// <summary>
/// A fixed timetable, open-loop: what takes long never delays the next slot, and a slot that could not be served is told
/// instead of being made up for.
/// </summary>
/// <param name="every">Time from one slot to the next.</param>
/// <param name="timeline">Stands for the drill's instants.</param>
/// <param name="clock">The drill's clock.</param>
internal sealed class OpenLoop(TimeSpan every, ITimelineWriter timeline, TimeProvider clock)
{
    /// <summary>More than this under way at once would measure the drill and not its subject.</summary>
    private const int MostUnderWay = 256;

    private readonly HashSet<Task> _underWay = [];
    private readonly Lock _lock = new();

    /// <summary>Serves slots until cancelled, then waits for those that are under way.</summary>
    /// <param name="serve">Serves one slot, from 0; must end by itself. It is told when the slot was due.</param>
    /// <param name="missed">Told of each slot that could not be served, when it was due, and why.</param>
    /// <param name="cancellationToken">Ends the timetable.</param>
    public async Task RunAsync(Func<long, TimeSpan, Task> serve, Action<long, TimeSpan, string> missed, CancellationToken cancellationToken)
    {
        var start = clock.GetTimestamp();
        for (long slot = 0; !cancellationToken.IsCancellationRequested; slot++)
        {
            var due = every * slot;
            var wait = due - clock.GetElapsedTime(start);
            if (wait > TimeSpan.Zero)
            {
                try
                {
                    await Task.Delay(wait, clock, cancellationToken);
                }
                catch (OperationCanceledException)
                {
                    break;
                }
            }

            var late = clock.GetElapsedTime(start) - due;
            var scheduledAt = timeline.At(start) + due;
            if (late >= every)
            {
                missed(slot, scheduledAt, $"the drill was {late.TotalMilliseconds:0} ms late");
            }
            else if (UnderWay().Length >= MostUnderWay)
            {
                missed(slot, scheduledAt, $"{MostUnderWay} earlier ones are still without an answer");
            }
            else
            {
                Follow(serve(slot, scheduledAt));
            }
        }

        await Task.WhenAll(UnderWay());
    }

    private void Follow(Task serving)
    {
        if (serving.IsCompleted)
        {
            return;
        }

        lock (_lock)
        {
            _underWay.Add(serving);
        }

        _ = ForgetAsync(serving);
    }

    private async Task ForgetAsync(Task serving)
    {
        await serving;
        lock (_lock)
        {
            _underWay.Remove(serving);
        }
    }

    private Task[] UnderWay()
    {
        lock (_lock)
        {
            return [.. _underWay];
        }
    }
}
