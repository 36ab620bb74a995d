using ChaosDrill.Engine.Ports;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Engine.Sampling;

/// <summary>Notices when the process itself stood still (suspended, swapped out, starved): a time in which nothing was observed.</summary>
public static class ClockWatch
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    /// <summary>Lateness that goes unremarked; a busy machine wakes a timer this late without being blind.</summary>
    private static readonly TimeSpan Tolerated = TimeSpan.FromMilliseconds(100);

    /// <summary>Watches until cancelled.</summary>
    public static async Task RunAsync(ITimelineWriter timeline, TimeProvider clock, CancellationToken cancellationToken)
    {
        while (true)
        {
            var before = clock.GetTimestamp();
            try
            {
                await Task.Delay(Tick, clock, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            var after = clock.GetTimestamp();
            var stood = clock.GetElapsedTime(before, after) - Tick;
            if (stood > Tolerated)
            {
                timeline.Record(
                    new ObservationGap(
                        "clock", timeline.At(before), timeline.At(after), Lost: false,
                        $"the drill's process stood still for {stood.TotalMilliseconds:0} ms"),
                    after);
            }
        }
    }
}
