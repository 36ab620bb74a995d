using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Model.Measures;

/// <summary>
/// The time from a fault's effect until an alert fires, t(detect) - t(fault). Alerts are looked at again and again: the alert
/// began to fire after the last look that did not find it firing, and before the one that did.
/// </summary>
internal static class TimeToDetect
{
    /// <summary>One value for each repetition in which a fault was asked for.</summary>
    public static IEnumerable<MeasuredValue> Of(IReadOnlyList<TimelineEntry> timeline, TimeToDetectGoal goal)
    {
        var looks = timeline.Where(e => e.Event is ProbeSampled { Probe: ProbeTimetable.Alerts })
            .Select(e => (((ProbeSampled)e.Event).SentAt, AnsweredAt: e.At, Seen: ((ProbeSampled)e.Event).Outcome == SampleOutcome.Success)).ToList();
        var alerts = timeline.Where(e => e.Event is AlertSeen seen && goal.Means(seen.Alert, seen.Labels)).Select(e => (e.At, Seen: (AlertSeen)e.Event)).ToList();
        foreach (var iteration in timeline.Select(e => e.Event).OfType<FaultRequested>().Select(f => f.Iteration).Distinct())
        {
            var end = timeline.FirstOrDefault(e => e.Event is StepStarted step && step.Iteration > iteration)?.At ?? TimeSpan.MaxValue;
            yield return timeline.FirstOrDefault(e => e.Event is FaultTookEffect effect && effect.Iteration == iteration)?.At is { } effect
                ? Of(effect, end, iteration, looks, alerts)
                : MeasuredValue.Unknown(iteration, "the fault's effect was never seen");
        }
    }

    private static MeasuredValue Of(
        TimeSpan effect, TimeSpan end, int iteration,
        List<(TimeSpan SentAt, TimeSpan AnsweredAt, bool Seen)> looks, List<(TimeSpan At, AlertSeen Seen)> alerts)
    {
        if (!looks.Any(l => l.Seen && l.AnsweredAt <= effect))
        {
            return MeasuredValue.Unknown(iteration, "the alerts could not be looked at before the fault took effect");
        }

        var before = alerts.Where(a => a.At <= effect).GroupBy(a => a.Seen.Identity).Select(g => g.Last().Seen.State).DefaultIfEmpty().Max();
        if (before != AlertState.Inactive)
        {
            return MeasuredValue.Unknown(iteration, $"it was {(before == AlertState.Firing ? "firing" : "pending")} already when the fault took effect, so that nothing can be said of this fault");
        }

        if (alerts.FirstOrDefault(a => a.At > effect && a.At < end && a.Seen.State == AlertState.Firing) is { Seen: not null } fired)
        {
            // The look that found it is answered when it is seen, and not before.
            var last = looks.Last(l => l.Seen && l.AnsweredAt < fired.At).SentAt;
            var value = (fired.At - effect).TotalSeconds;
            return new MeasuredValue(iteration, value, Math.Max(0, (last - effect).TotalSeconds), value, null);
        }

        // Behind a look that failed an alert may have come and gone.
        var until = effect;
        foreach (var look in looks.Where(l => l.AnsweredAt > effect && l.SentAt < end).TakeWhile(l => l.Seen))
        {
            until = look.SentAt;
        }

        return until <= effect
            ? MeasuredValue.Unknown(iteration, "the alerts could not be looked at after the fault took effect")
            : new MeasuredValue(
                iteration, (until - effect).TotalSeconds, (until - effect).TotalSeconds, null, $"it had not fired after {Figures.Seconds(until - effect)}, and was not watched without a break after that");
    }
}
