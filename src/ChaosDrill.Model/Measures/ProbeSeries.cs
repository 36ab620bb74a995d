using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Model.Measures;

/// <summary>
/// The samples of one probe from the first fault's effect to the end of the drill, with the slots that have no answer. A fault
/// may harm before its effect is proved (a namespace serves no more while it is being deleted): then from the first failure since
/// it was requested. Not from the request itself, for the good samples in between would flatter.
/// </summary>
internal sealed record ProbeSeries
{
    /// <summary>Interval of the timetable.</summary>
    public required ProbeTimetable Timetable { get; init; }

    /// <summary>Answered samples in the order in which they were asked.</summary>
    public required IReadOnlyList<ProbeAnswer> Answers { get; init; }

    /// <summary>Slots without an answer: missed, not recorded, or asked in vain because the probe itself could not run.</summary>
    public required int Missing { get; init; }

    /// <summary>Why there is no data at all; null when there is.</summary>
    public string? NoData { get; init; }

    /// <summary>Where the window ends.</summary>
    public required TimeSpan End { get; init; }

    /// <summary>All slots of the window.</summary>
    public int Slots => Answers.Count + Missing;

    /// <summary>Collects the series of a probe.</summary>
    public static ProbeSeries Of(DrillHeader header, IReadOnlyList<TimelineEntry> timeline, string probe)
    {
        var timetable = header.Probes.FirstOrDefault(p => p.Name == probe)
            ?? new ProbeTimetable(probe, "", TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        var effect = timeline.FirstOrDefault(e => e.Event is FaultTookEffect)?.At;
        var end = timeline.Count == 0 ? TimeSpan.Zero : timeline[^1].At;
        if (effect is not { } seen)
        {
            return new ProbeSeries
            {
                Timetable = timetable, Answers = [], Missing = 0, End = end,
                NoData = "no fault was seen to take effect, so there is no window to measure in",
            };
        }

        var start = FirstFailure(timeline, probe) is { } failed && failed < seen ? failed - timetable.Every : seen;
        var answers = new List<ProbeAnswer>();
        var unknown = 0;
        var slots = new SortedSet<long>();
        TimeSpan? lastSlot = null;
        foreach (var entry in timeline)
        {
            if (entry.Event is ProbeSampled sample && sample.Probe == probe && entry.At >= start)
            {
                slots.Add(sample.Slot);
                lastSlot = Later(lastSlot, sample.ScheduledAt);
                if (sample.Outcome == SampleOutcome.Unknown)
                {
                    unknown++;
                }
                else
                {
                    answers.Add(new ProbeAnswer(sample.SentAt, entry.At, sample.Outcome == SampleOutcome.Success));
                }
            }
            else if (entry.Event is ProbeSlotMissed missed && missed.Probe == probe && missed.ScheduledAt >= start)
            {
                slots.Add(missed.Slot);
                lastSlot = Later(lastSlot, missed.ScheduledAt);
                unknown++;
            }
        }

        // A slot that left no trace (the process stood still, or died) is missing data like any other.
        var unrecorded = slots.Count == 0 ? 0 : (int)Math.Min(int.MaxValue, slots.Max - slots.Min + 1 - slots.Count);
        var tail = lastSlot is { } last
            ? Math.Max(0, (int)((end - last - timetable.Timeout) / timetable.Every))
            : Math.Max(0, (int)((end - start - timetable.Timeout) / timetable.Every));
        return new ProbeSeries
        {
            Timetable = timetable,
            Answers = [.. answers.OrderBy(a => a.SentAt)],
            Missing = unknown + unrecorded + tail,
            End = end,
            NoData = answers.Count == 0 ? $"probe {probe} gave no answer at all after the fault took effect" : null,
        };
    }

    /// <summary>The slot of the first failure of what was asked after the first fault was requested.</summary>
    private static TimeSpan? FirstFailure(IReadOnlyList<TimelineEntry> timeline, string probe) =>
        timeline.FirstOrDefault(e => e.Event is FaultRequested)?.At is { } requested
            ? timeline.Select(e => e.Event).OfType<ProbeSampled>().FirstOrDefault(s => s.Probe == probe && s.Outcome == SampleOutcome.Failure && s.SentAt >= requested)?.ScheduledAt
            : null;

    private static TimeSpan Later(TimeSpan? a, TimeSpan b) => a > b ? a.Value : b;
}

/// <summary>One answered sample.</summary>
/// <param name="SentAt">When it was asked.</param>
/// <param name="AnsweredAt">When the answer was there, or the time-out.</param>
/// <param name="Good">Whether it succeeded.</param>
internal readonly record struct ProbeAnswer(TimeSpan SentAt, TimeSpan AnsweredAt, bool Good);
