using ChaosDrill.Model.Scenarios;
using ChaosDrill.Model.Timelines;
using ChaosDrill.Reports.Postmortems;

namespace ChaosDrill.Reports.Charts;

/// <summary>What a mark on the time axis stands for, in the order in which it happens.</summary>
internal enum MarkKind
{
    /// <summary>The fault was asked for.</summary>
    Requested,

    /// <summary>The fault was seen to take effect.</summary>
    Effect,

    /// <summary>From here on everything held.</summary>
    Recovered,

    /// <summary>It had held for long enough.</summary>
    Stable,

    /// <summary>The drill was stopped.</summary>
    Aborted,
}

/// <summary>How one slot of a probe's timetable ended, the worst last: where several share a pixel, the worst is drawn.</summary>
internal enum SlotOutcome
{
    /// <summary>Nothing was asked.</summary>
    None,

    /// <summary>A good answer.</summary>
    Success,

    /// <summary>The slot was not served.</summary>
    Missed,

    /// <summary>The probe could not ask.</summary>
    Unknown,

    /// <summary>A bad answer or none.</summary>
    Failure,
}

/// <summary>A mark on the time axis.</summary>
internal sealed record ChartMark(MarkKind Kind, TimeSpan At);

/// <summary>One slot of a probe's timetable.</summary>
/// <param name="From">When the timetable wanted it.</param>
/// <param name="To">When the next one is due.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Latency">Time from sending to a good answer; null for everything else.</param>
internal sealed record ChartSlot(TimeSpan From, TimeSpan To, SlotOutcome Outcome, TimeSpan? Latency);

/// <summary>One workload's readiness over time.</summary>
internal sealed record WorkloadSeries(WorkloadReference Workload, IReadOnlyList<(TimeSpan At, int? Desired, int Ready)> Points);

/// <summary>One probe's samples over time.</summary>
internal sealed record ProbeSeries(string Probe, IReadOnlyList<ChartSlot> Slots);

/// <summary>A stretch of time with a name.</summary>
internal sealed record ChartSpan(string Name, TimeSpan From, TimeSpan To);

/// <summary>What is drawn of a drill.</summary>
internal sealed class ChartData
{
    /// <summary>More lanes than this make a chart that nobody reads; the tables have them all.</summary>
    private const int MostLanes = 4;

    public ChartData(DrillFacts facts)
    {
        Length = facts.Length;
        Workloads = [.. SeriesOfWorkloads(facts).Take(MostLanes)];
        Probes = [.. SeriesOfProbes(facts).Take(MostLanes)];
        Gaps = [.. facts.BlindTimes.Select(g => new ChartSpan(g.What, g.From, g.To))];
        Marks = [.. MarksOf(facts).OrderBy(m => m.At)];
        Stages = SpansOf(facts, facts.Of<StageEntered>().Where(s => s.Event.Stage != DrillStage.Ended).Select(s => (s.Entry.At, StageName(s.Event.Stage))));
        Repetitions = facts.Header.Plan.Repeat > 1
            ? SpansOf(facts, facts.Of<StepStarted>().DistinctBy(s => s.Event.Iteration).Select(s => (s.Entry.At, $"#{s.Event.Iteration}")))
            : [];
    }

    public TimeSpan Length { get; }

    public IReadOnlyList<WorkloadSeries> Workloads { get; }

    public IReadOnlyList<ProbeSeries> Probes { get; }

    public IReadOnlyList<ChartSpan> Gaps { get; }

    public IReadOnlyList<ChartMark> Marks { get; }

    public IReadOnlyList<ChartSpan> Stages { get; }

    /// <summary>Empty for a drill that runs its steps once.</summary>
    public IReadOnlyList<ChartSpan> Repetitions { get; }

    /// <summary>Whether there is anything to draw.</summary>
    public bool IsEmpty => Length <= TimeSpan.Zero || (Workloads.Count == 0 && Probes.Count == 0);

    private static IEnumerable<WorkloadSeries> SeriesOfWorkloads(DrillFacts facts) => facts.Of<WorkloadObserved>()
        .GroupBy(w => w.Event.Workload)
        .Select(g => new WorkloadSeries(g.Key, [.. g.Select(w => (w.Entry.At, w.Event.Desired, w.Event.Ready))]));

    private static IEnumerable<ProbeSeries> SeriesOfProbes(DrillFacts facts)
    {
        var intervals = facts.Header.Probes.ToDictionary(p => p.Name, p => p.Every);
        return facts.Timeline
            .Select(e => (Entry: e, Name: e.Event switch { ProbeSampled s => s.Probe, ProbeSlotMissed m => m.Probe, _ => null }))
            .Where(e => e.Name is not null)
            .GroupBy(e => e.Name!, e => e.Entry)
            .Select(g => new ProbeSeries(g.Key, [.. g.Select(e => Slot(e, intervals.GetValueOrDefault(g.Key))).OrderBy(s => s.From)]));
    }

    private static ChartSlot Slot(TimelineEntry entry, TimeSpan every) => entry.Event switch
    {
        ProbeSampled { Outcome: SampleOutcome.Success } s => new(s.ScheduledAt, s.ScheduledAt + every, SlotOutcome.Success, entry.At - s.SentAt),
        ProbeSampled { Outcome: SampleOutcome.Failure } s => new(s.ScheduledAt, s.ScheduledAt + every, SlotOutcome.Failure, null),
        ProbeSampled s => new(s.ScheduledAt, s.ScheduledAt + every, SlotOutcome.Unknown, null),
        var missed => new(((ProbeSlotMissed)missed).ScheduledAt, ((ProbeSlotMissed)missed).ScheduledAt + every, SlotOutcome.Missed, null),
    };

    private static IEnumerable<ChartMark> MarksOf(DrillFacts facts)
    {
        foreach (var request in facts.Of<FaultRequested>().DistinctBy(f => (f.Event.Iteration, f.Event.Step)))
        {
            yield return new ChartMark(MarkKind.Requested, request.Entry.At);
        }

        foreach (var effect in facts.Of<FaultTookEffect>().DistinctBy(f => (f.Event.Iteration, f.Event.Step)))
        {
            yield return new ChartMark(MarkKind.Effect, effect.Entry.At);
        }

        foreach (var recovery in facts.Judgement.Recoveries)
        {
            if (facts.RecoveredAt(recovery) is { } recovered)
            {
                yield return new ChartMark(MarkKind.Recovered, recovered);
                if (facts.StableAt(recovery) is { } stable && stable <= facts.Length)
                {
                    yield return new ChartMark(MarkKind.Stable, stable);
                }
            }
        }

        foreach (var stop in facts.Timeline.Where(e => e.Event is GuardTripped or AbortRequested).Take(1))
        {
            yield return new ChartMark(MarkKind.Aborted, stop.At);
        }
    }

    private static List<ChartSpan> SpansOf(DrillFacts facts, IEnumerable<(TimeSpan At, string Name)> starts)
    {
        var all = starts.ToList();
        var end = facts.Of<StageEntered>().Where(s => s.Event.Stage == DrillStage.Ended).Select(s => (TimeSpan?)s.Entry.At).FirstOrDefault() ?? facts.Length;
        return [.. all.Select((s, i) => new ChartSpan(s.Name, s.At, i + 1 < all.Count ? all[i + 1].At : end))];
    }

    private static string StageName(DrillStage stage) => stage switch
    {
        DrillStage.Preflight => "checks",
        DrillStage.SteadyStateBefore => "steady state",
        DrillStage.Steps => "steps",
        DrillStage.Undo => "undo",
        DrillStage.SteadyStateAfter => "steady state",
        _ => "",
    };
}
