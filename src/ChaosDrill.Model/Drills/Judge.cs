using ChaosDrill.Model.Measures;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Model.Drills;

/// <summary>Derives measures and verdict from a drill's record alone.</summary>
public static class Judge
{
    /// <summary>Judges a drill. A record without an end is that of a drill whose process died: it is inconclusive.</summary>
    public static Judgement Of(DrillRecord record)
    {
        IReadOnlyList<TimelineEntry> timeline = [.. record.Timeline.OrderBy(e => e.At).ThenBy(e => e.Sequence)];
        var recoveries = RecoveryTime.Measure(record.Header, timeline);
        var doubt = Doubt(record, timeline);
        IReadOnlyList<ObjectiveResult> objectives =
            [.. record.Header.Objectives.Select((goal, index) => Judged(goal, index, record.Header, timeline, recoveries, doubt))];
        var steadyAfter = SteadyAfter(record.Header, timeline);
        var (outcome, reason) = Outcome(record, timeline, objectives, steadyAfter, doubt);
        return new Judgement
        {
            Outcome = outcome,
            Reason = reason,
            UndoComplete = record.End?.UndoComplete ?? UndoOutstanding(timeline) == 0,
            Objectives = objectives,
            Recoveries = recoveries,
            SteadyStateAfter = steadyAfter,
            WatchDelay = RecoveryTime.WatchDelay(timeline, TimeSpan.Zero, TimeSpan.MaxValue - TimeSpan.FromDays(1)),
        };
    }

    private static (DrillOutcome, string) Outcome(
        DrillRecord record, IReadOnlyList<TimelineEntry> timeline,
        IReadOnlyList<ObjectiveResult> objectives, bool? steadyAfter, string? doubt)
    {
        switch (record.End)
        {
            case { Ending: DrillEnding.Refused } end:
                var refusals = record.Header.Plan.Refusals;
                var outcome = refusals.Count > 0 && refusals.All(r => r.Kind == RefusalKind.NoTargets)
                    ? DrillOutcome.Inconclusive
                    : DrillOutcome.Refused;
                return (outcome, end.Reason ?? (refusals.Count > 0 ? refusals[0].Message : "refused"));
            case { Ending: DrillEnding.Aborted } end:
                return (DrillOutcome.Aborted, end.Reason ?? "aborted");
        }

        var missed = objectives.Where(o => o.Verdict == Verdict.Fail).ToList();
        if (missed.Count > 0 && record.End is { Ending: DrillEnding.Completed })
        {
            return (DrillOutcome.Fail, missed[0].Reason);
        }

        if (Disproof(record, timeline) is { } disproof && record.End is { Ending: DrillEnding.Completed })
        {
            return (DrillOutcome.Fail, disproof);
        }

        if (doubt is not null)
        {
            return (DrillOutcome.Inconclusive, doubt);
        }

        if (steadyAfter == false)
        {
            return (DrillOutcome.Fail, "the steady state does not hold again: " + SteadyReason(timeline, false));
        }

        // Objectives that were met say nothing of the steps that never came.
        if (timeline.Select(e => e.Event).OfType<StepEnded>().FirstOrDefault(s => s.Outcome == StepOutcome.TimedOut) is { } late)
        {
            return (DrillOutcome.Inconclusive, $"{StepName(record, late.Step)}: {late.Reason ?? "it timed out"}; the steps after it were not carried out");
        }

        var unknown = objectives.FirstOrDefault(o => o.Verdict == Verdict.Inconclusive);
        if (unknown is not null)
        {
            return (DrillOutcome.Inconclusive, unknown.Reason);
        }

        if (steadyAfter is null && record.Header.SteadyState.Count > 0)
        {
            return (DrillOutcome.Inconclusive, "whether the steady state holds again is not known");
        }

        return objectives.Count == 0
            ? (DrillOutcome.Inconclusive, "there is no objective to judge by")
            : (DrillOutcome.Pass, objectives.Count == 1 ? "the objective is met" : $"all {objectives.Count} objectives are met");
    }

    /// <summary>What a step saw not to hold; null when there is no such thing. Like a missed objective it fails the drill whatever else is in doubt.</summary>
    private static string? Disproof(DrillRecord record, IReadOnlyList<TimelineEntry> timeline) => timeline.Select(e => e.Event switch
    {
        CheckMade { Held: false } check => $"{StepName(record, check.Step)}: {check.Check}: {check.Evidence}",
        StepEnded { Outcome: StepOutcome.Disproved } step => $"{StepName(record, step.Step)}: {step.Reason}",
        _ => null,
    }).FirstOrDefault(reason => reason is not null);

    /// <summary>What forbids any pass, whatever the measures say; null when nothing does.</summary>
    private static string? Doubt(DrillRecord record, IReadOnlyList<TimelineEntry> timeline)
    {
        if (record.End is null)
        {
            return "the drill has no end: its process died, or it is still running";
        }

        if (record.End.Ending == DrillEnding.Broken)
        {
            return record.End.Reason ?? "the drill broke off";
        }

        foreach (var entry in timeline)
        {
            switch (entry.Event)
            {
                case SteadyStateChecked { Stage: DrillStage.SteadyStateBefore, Held: not true } check:
                    return $"the steady state did not hold before the fault: {check.Subject}: {check.Reason}";
                case CheckMade { Held: null } check:
                    return $"{StepName(record, check.Step)}: whether this holds is not known: {check.Check}: {check.Evidence}";
                case StepEnded { Outcome: StepOutcome.NotProved or StepOutcome.Failed } step:
                    return $"{StepName(record, step.Step)}: {step.Reason}";
            }
        }

        return timeline.Any(e => e.Event is FaultTookEffect or CheckMade { Held: not null }) ? null : "no fault was seen to take effect";
    }

    private static string StepName(DrillRecord record, int step) => record.Header.Plan.StepName(step);

    private static ObjectiveResult Judged(
        ObjectiveGoal goal, int index, DrillHeader header, IReadOnlyList<TimelineEntry> timeline, IReadOnlyList<Recovery> recoveries, string? doubt)
    {
        var measure = Measured(goal, index, header, timeline, recoveries);
        var (verdict, reason) = Compare(goal, measure);

        // A miss that was seen stays a miss; a success is worth nothing while it is in doubt what was tested.
        return doubt is not null && verdict == Verdict.Pass
            ? new ObjectiveResult(goal, measure, Verdict.Inconclusive, doubt)
            : new ObjectiveResult(goal, measure, verdict, reason);
    }

    private static Measure Measured(
        ObjectiveGoal goal, int index, DrillHeader header, IReadOnlyList<TimelineEntry> timeline, IReadOnlyList<Recovery> recoveries)
    {
        switch (goal)
        {
            case RecoveryTimeGoal recovery:
                var times = recoveries.Where(r => r.Of == recovery.Of).Select(r => r.Time).ToList();
                var begun = timeline.Select(e => e.Event).OfType<FaultRequested>().Select(f => f.Iteration).Distinct().Count();
                return new Measure(
                    MeasureUnit.Seconds,
                    times.Count > 0 || begun > 0 ? times : [MeasuredValue.Unknown(0, "no fault was injected")]);
            case AvailabilityGoal availability:
                return new Measure(
                    MeasureUnit.Share, [ProbeMeasures.Availability(ProbeSeries.Of(header, timeline, availability.Probe))]);
            case LongestOutageGoal outage:
                return new Measure(
                    MeasureUnit.Seconds, [ProbeMeasures.LongestOutage(ProbeSeries.Of(header, timeline, outage.Probe))]);
            case LatencyGoal latency:
                return new Measure(
                    MeasureUnit.Seconds,
                    [ProbeMeasures.Latency(ProbeSeries.Of(header, timeline, latency.Probe), latency.Percentile.Value)]);
            case RestoreTimeGoal restore:
                return new Measure(MeasureUnit.Seconds, [.. RestoreTime.Of(header, timeline, restore)]);
            case DataLossGoal { AtMostEntries: not null }:
                return Figure(timeline, FigureNames.LostEntries, MeasureUnit.Count);
            case RestoreFidelityGoal:
                return Figure(timeline, FigureNames.RestoreFidelity, MeasureUnit.Share);
            case WriteOutageGoal:
                return Figure(timeline, FigureNames.WriteOutage, MeasureUnit.Seconds);
            case BackupAgeGoal:
                return Figure(timeline, FigureNames.BackupAge, MeasureUnit.Seconds);
            case DataLossGoal:
                return Figure(timeline, FigureNames.DataLoss, MeasureUnit.Seconds);
            case TimeToDetectGoal detect:
                return new Measure(MeasureUnit.Seconds, [.. TimeToDetect.Of(timeline, detect)]);
            case PromqlGoal:
                return Asked(timeline, index, MeasureUnit.Number);
            case SloGoal:
                return Asked(timeline, index, MeasureUnit.Share);
            default:
                throw new ArgumentOutOfRangeException(nameof(goal), goal.GetType().Name);
        }
    }

    private static Measure Asked(IReadOnlyList<TimelineEntry> timeline, int index, MeasureUnit unit) =>
        new(unit, [.. timeline.Select(e => e.Event).OfType<ObjectiveMeasured>().Where(m => m.Objective == index).Select(m => m.Value)]);

    private static Measure Figure(IReadOnlyList<TimelineEntry> timeline, string name, MeasureUnit unit) =>
        new(unit, [.. timeline.Select(e => e.Event).OfType<FigureMeasured>().Where(f => f.Name == name && f.Unit == unit).Select(f => f.Value)]);

    /// <summary>Every value must meet the limit with its whole uncertainty to pass, and one that misses it with its whole uncertainty fails.</summary>
    private static (Verdict, string) Compare(ObjectiveGoal goal, Measure measure)
    {
        var what = $"{goal.Metric} of {goal.Subject}";
        if (measure.Values.Count == 0)
        {
            return (Verdict.Inconclusive, $"{what}: nothing was measured");
        }

        var limit = GoalLimit.Of(goal) ?? throw new ArgumentOutOfRangeException(nameof(goal), goal.GetType().Name);
        var missed = measure.Values.FirstOrDefault(limit.IsMissedBy);
        if (missed is not null)
        {
            return (Verdict.Fail, $"{what} was {Figures.Estimate(measure.Unit, missed)}, allowed is {goal.Limit}{Nth(missed)}");
        }

        var open = measure.Values.FirstOrDefault(v => !limit.IsMetBy(v));
        if (open is null)
        {
            return (Verdict.Pass, $"{what} was {Figures.Estimate(measure.Unit, Worst(measure, limit))}, allowed is {goal.Limit}");
        }

        return open.Value is null
            ? (Verdict.Inconclusive, $"{what} is not known: {open.Remark}{Nth(open)}")
            : (Verdict.Inconclusive,
                $"{what} was {Figures.Estimate(measure.Unit, open)}; {goal.Limit} lies within that uncertainty{(open.Remark is null ? "" : ": " + open.Remark)}{Nth(open)}");

        string Nth(MeasuredValue value)
        {
            var run = measure.Values.Max(v => v.Iteration) is > 1 and var runs ? $"run {value.Iteration} of {runs}" : null;
            return (value.Subject ?? run) is null ? "" : $" ({string.Join(", ", ((string?[])[value.Subject, run]).OfType<string>())})";
        }
    }

    private static MeasuredValue Worst(Measure measure, Comparison limit)
    {
        var worst = limit.Worst(measure.Values.Select(v => v.Value!.Value));
        return measure.Values.First(v => v.Value == worst);
    }

    private static bool? SteadyAfter(DrillHeader header, IReadOnlyList<TimelineEntry> timeline)
    {
        var checks = timeline.Select(e => e.Event).OfType<SteadyStateChecked>()
            .Where(c => c.Stage == DrillStage.SteadyStateAfter).ToList();
        return checks.Any(c => c.Held == false) ? false
            : checks.Count == 0 || checks.Count < header.SteadyState.Count || checks.Any(c => c.Held is null) ? null
            : true;
    }

    private static string SteadyReason(IReadOnlyList<TimelineEntry> timeline, bool held) =>
        timeline.Select(e => e.Event).OfType<SteadyStateChecked>()
            .Where(c => c.Stage == DrillStage.SteadyStateAfter && c.Held == held)
            .Select(c => $"{c.Subject}: {c.Reason}").FirstOrDefault() ?? "";

    private static int UndoOutstanding(IReadOnlyList<TimelineEntry> timeline) =>
        timeline.Count(e => e.Event is UndoRecorded) - timeline.Count(e => e.Event is UndoFinished { Succeeded: true });
}
