using ChaosDrill.Model;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Engine.Drills;

/// <summary>Stops a running drill that lasts too long or hurts too much.</summary>
internal sealed class AbortGuards(GuardsSpec guards, DrillTimeline timeline, LiveConditions live, AbortSwitch abort, TimeProvider clock)
{
    /// <summary>Watches until cancelled or until one trips.</summary>
    public async Task WatchAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var change = timeline.NextChange;
                var next = guards.MaxDuration - timeline.Now;
                if (next <= TimeSpan.Zero)
                {
                    Trip("maxDuration", $"the drill has run for {GoDuration.Format(guards.MaxDuration)}");
                    return;
                }

                foreach (var condition in guards.AbortWhen)
                {
                    var probe = new WorkloadReference(WorkloadReference.ProbeKind, condition.Probe);
                    if (live.FailsSince(probe) is not { } since)
                    {
                        continue;
                    }

                    var left = condition.FailingFor - (timeline.Now - since);
                    if (left <= TimeSpan.Zero)
                    {
                        Trip("abortWhen", $"probe {condition.Probe} has been failing for {GoDuration.Format(condition.FailingFor)}: {live.LastSeen(probe)}");
                        return;
                    }

                    next = left < next ? left : next;
                }

                await Waiting.ForAsync(change, next, clock, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The drill is over.
        }
    }

    private void Trip(string guard, string reason)
    {
        timeline.Record(new GuardTripped(guard, reason));
        abort.Abort($"guard {guard}: {reason}");
    }
}
