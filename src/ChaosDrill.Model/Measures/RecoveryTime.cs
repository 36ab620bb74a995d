using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Model.Measures;

/// <summary>
/// The time from a fault's effect until its subject held again for the stable time.
/// Formula: t(service restored) - t(fault), where restored is the beginning of the first stretch that lasts for the
/// stable time ("time to restore", counted from the start of the outage and not from its detection).
/// </summary>
public static class RecoveryTime
{
    /// <summary>Measures every recovery of the drill: one for each repetition, <c>awaitRecovery</c> step and thing it waits for.</summary>
    public static IReadOnlyList<Recovery> Measure(DrillHeader header, IReadOnlyList<TimelineEntry> timeline)
    {
        var recoveries = new List<Recovery>();
        foreach (var round in Rounds(timeline))
        {
            foreach (var step in header.Awaits)
            {
                var faults = FaultsBefore(header, round, step);
                if (faults.Count == 0)
                {
                    continue;
                }

                recoveries.AddRange(step.Of.Select(of => MeasureOne(header, timeline, round, step, faults, of)));
            }
        }

        return recoveries;
    }

    /// <summary>
    /// The largest watch delay that was measured between two instants and a little around them; without any there, the
    /// largest of the drill. Null when none was measured.
    /// </summary>
    public static TimeSpan? WatchDelay(IReadOnlyList<TimelineEntry> timeline, TimeSpan from, TimeSpan until)
    {
        TimeSpan? near = null;
        TimeSpan? any = null;
        foreach (var entry in timeline)
        {
            if (entry.Event is not WatchDelayMeasured(var delay))
            {
                continue;
            }

            any = any > delay ? any : delay;
            if (entry.At >= from - EchoInterval && entry.At <= until + EchoInterval)
            {
                near = near > delay ? near : delay;
            }
        }

        return near ?? any;
    }

    /// <summary>Echoes are measured at least this often.</summary>
    private static readonly TimeSpan EchoInterval = TimeSpan.FromSeconds(5);

    /// <summary>The entries of one repetition's steps.</summary>
    internal sealed record Round(int Iteration, IReadOnlyList<TimelineEntry> Entries)
    {
        /// <summary>When a step ended in this repetition; null when it did not.</summary>
        public TimelineEntry? EndOf(int step) =>
            Entries.FirstOrDefault(e => e.Event is StepEnded ended && ended.Step == step);
    }

    internal static IReadOnlyList<Round> Rounds(IReadOnlyList<TimelineEntry> timeline) =>
    [
        .. timeline.Where(e => IterationOf(e.Event) is not null)
            .GroupBy(e => IterationOf(e.Event)!.Value).OrderBy(g => g.Key)
            .Select(g => new Round(g.Key, [.. g])),
    ];

    private static int? IterationOf(TimelineEvent e) => e switch
    {
        StepStarted s => s.Iteration,
        StepEnded s => s.Iteration,
        FaultRequested f => f.Iteration,
        FaultAcknowledged f => f.Iteration,
        FaultTookEffect f => f.Iteration,
        _ => null,
    };

    /// <summary>Requests of the fault steps between the previous await and this one.</summary>
    private static IReadOnlyList<(FaultRequested Request, TimeSpan At)> FaultsBefore(DrillHeader header, Round round, RecoveryAwait step)
    {
        var previous = header.Awaits.Where(a => a.Step < step.Step).Select(a => a.Step).DefaultIfEmpty(-1).Max();
        return
        [
            .. round.Entries
                .Where(e => e.Event is FaultRequested f && f.Step > previous && f.Step < step.Step)
                .Select(e => ((FaultRequested)e.Event, e.At)),
        ];
    }

    private static Recovery MeasureOne(
        DrillHeader header, IReadOnlyList<TimelineEntry> timeline, Round round, RecoveryAwait step,
        IReadOnlyList<(FaultRequested Request, TimeSpan At)> faults, WorkloadReference of)
    {
        var effectGaps = new ObservationGaps(timeline, ObservationGaps.Effects);
        var effects = faults.Select(f => (f.Request, f.At, Seen: EffectOf(round, f.Request))).ToList();
        var unproved = effects.Where(e => e.Seen is null).Select(e => e.Request.Target.ToString()).ToList();
        var until = round.EndOf(step.Step)?.At ?? timeline[^1].At;
        var subject = new ObservationGaps(timeline, of.ToString());
        var changes = ConditionChanges(timeline, of, subject);

        Recovery Result(MeasuredValue time, BoundedInstant? effect, BoundedInstant? recovered)
        {
            var marks = RecoveryMarks.Of(timeline, faults, of, effect?.At, recovered?.At, step.StableFor, until);
            return new Recovery
            {
                Iteration = round.Iteration,
                Step = faults[0].Request.Step,
                Of = of,
                Time = time,
                Marks = marks,
                CostliestPhase = RecoveryMarks.Costliest(marks),
            };
        }

        if (unproved.Count > 0)
        {
            return Result(MeasuredValue.Unknown(round.Iteration, $"the effect was never seen on {string.Join(", ", unproved)}"), null, null);
        }

        var bounded = effects.Select(e => BoundEffect(e.Seen!.At, e.At, effectGaps)).ToList();
        var first = bounded.MinBy(b => b.At);
        var last = bounded.Max(b => b.At);
        if (changes.Count == 0)
        {
            return Result(MeasuredValue.Unknown(round.Iteration, $"nothing was observed of {of}"), first, null);
        }

        // A probe is asked on a timetable: what it says is as coarse as its interval, whatever the watch delay is.
        var delay = of.IsProbe ? TimeSpan.Zero : WatchDelay(timeline, faults.Min(f => f.At), until);
        var from = of.IsProbe ? first.At : last;

        // An effect may take its time to reach its subject, as the loss of a node does: what held until then is no recovery.
        var hit = changes.FirstOrDefault(c => !c.Holds && c.At > from && c.At <= until);
        if (hit.At > from && !BrokenBetween(changes, faults.Min(f => f.At), from))
        {
            from = hit.At;
        }

        var stretch = HoldingStretch.Find(changes, from, until, step.StableFor, subject);
        if (!of.IsProbe && !stretch.Broken && !BrokenBetween(changes, faults.Min(f => f.At), last))
        {
            return Result(
                MeasuredValue.Unknown(round.Iteration, $"the fault took no readiness from {of}, so there was no recovery to time"), first, null);
        }

        var error = (delay ?? TimeSpan.Zero) + ProbeError(header, of);
        if (stretch is { Confirmed: true, Begin: { } begin, LatestBegin: { } latest })
        {
            var remark = latest > begin.At
                ? "a watch had to list anew while the stretch was being confirmed; a flap in that gap would have gone unseen"
                : begin.Earliest < begin.At || first.Earliest < first.At ? "the watch was interrupted at this point" : null;
            return Result(
                new MeasuredValue(
                    round.Iteration,
                    (begin.At - first.At).TotalSeconds,
                    Math.Max(0, (begin.Earliest - first.At - error).TotalSeconds),
                    delay is null ? null : (latest - first.Earliest + error).TotalSeconds,
                    delay is null ? "the watch delay was not measured" : remark),
                first, begin);
        }

        var seenFor = until - first.At;
        var low = (stretch.Begin is { } unconfirmed ? unconfirmed.Earliest : until) - first.At - error;
        return Result(
            new MeasuredValue(
                round.Iteration, Math.Max(0, seenFor.TotalSeconds), Math.Max(0, low.TotalSeconds), null,
                stretch.Begin is null
                    ? $"not recovered when the observation ended after {GoDuration.Format(Round3(seenFor))}"
                    : $"not seen to hold for {GoDuration.Format(step.StableFor)} when the observation ended after {GoDuration.Format(Round3(seenFor))}"),
            first, null);
    }

    private static TimelineEntry? EffectOf(Round round, FaultRequested request) =>
        round.Entries.FirstOrDefault(e => e.Event is FaultTookEffect effect && effect.Step == request.Step && effect.Target == request.Target);

    /// <summary>An effect cannot have come before it was asked for.</summary>
    private static BoundedInstant BoundEffect(TimeSpan seen, TimeSpan requested, ObservationGaps gaps)
    {
        var bounded = gaps.Bound(seen);
        return bounded.Earliest < requested ? bounded with { Earliest = requested < seen ? requested : seen } : bounded;
    }

    private static bool BrokenBetween(IReadOnlyList<ConditionChange> changes, TimeSpan from, TimeSpan to) =>
        changes.Any(c => !c.Holds && c.At >= from && c.At <= to);

    private static TimeSpan ProbeError(DrillHeader header, WorkloadReference of) =>
        of.IsProbe && header.Probes.FirstOrDefault(p => p.Name == of.Name) is { } probe ? probe.Every : TimeSpan.Zero;

    internal static TimeSpan Round3(TimeSpan value) => TimeSpan.FromMilliseconds(Math.Round(value.TotalMilliseconds));

    private static IReadOnlyList<ConditionChange> ConditionChanges(
        IReadOnlyList<TimelineEntry> timeline, WorkloadReference of, ObservationGaps gaps)
    {
        var changes = new List<ConditionChange>();
        var (desired, floor) = (0, 0);
        foreach (var entry in timeline)
        {
            if (entry.Event is FaultRequested fault && fault.Hits(of))
            {
                // What it asked for before the fault is what it has to come back to, whatever the fault makes it ask for.
                floor = floor == 0 ? desired : floor;
            }
            else if (entry.Event is WorkloadObserved { Desired: { } wanted } seen && seen.Workload == of)
            {
                desired = wanted;
            }

            bool? holds = entry.Event switch
            {
                WorkloadObserved observed when observed.Workload == of => observed.HoldsAgainst(floor),
                ProbeSampled { Outcome: not SampleOutcome.Unknown } sample when of.IsProbe && sample.Probe == of.Name =>
                    sample.Outcome == SampleOutcome.Success,
                _ => null,
            };
            if (holds is not { } state)
            {
                continue;
            }

            // A probe's answer speaks of the time at which it was asked.
            var at = entry.Event is ProbeSampled probe ? probe.SentAt : entry.At;
            var bounded = gaps.Bound(at);
            changes.Add(new ConditionChange(at, bounded.Earliest, state));
        }

        // Samples are recorded when they are answered, which need not be the order in which they were asked.
        return [.. changes.OrderBy(c => c.At)];
    }
}
