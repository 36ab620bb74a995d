using System.Globalization;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Measures;
using ChaosDrill.Model.Timelines;
using ChaosDrill.Reports.Wording;

namespace ChaosDrill.Reports.Postmortems;

/// <summary>A drill's record and judgement, with what several sections of a report need to know of them.</summary>
internal sealed class DrillFacts
{
    public DrillFacts(DrillRecord record, Judgement judgement)
    {
        Record = record;
        Header = record.Header;
        End = record.End;
        Judgement = judgement;
        Timeline = [.. record.Timeline.OrderBy(e => e.At).ThenBy(e => e.Sequence)];
        Zone = TimeZoneInfo.TryFindSystemTimeZoneById(Header.TimeZone, out var zone) ? zone : TimeZoneInfo.Utc;
        IsZoneKnown = zone is not null;
        (StartUtc, StartLocal) = (Header.StartedAt.ToUniversalTime(), TimeZoneInfo.ConvertTime(Header.StartedAt, Zone));
        HasLocalTime = Zone.GetUtcOffset(Header.StartedAt) != TimeSpan.Zero || Zone.GetUtcOffset(Header.StartedAt + Length) != TimeSpan.Zero;
        BlindTimes = BlindTime.Of(Timeline, Length);
    }

    public DrillRecord Record { get; }

    public DrillHeader Header { get; }

    /// <summary>Null when the process died.</summary>
    public DrillEnd? End { get; }

    public Judgement Judgement { get; }

    /// <summary>By instant.</summary>
    public IReadOnlyList<TimelineEntry> Timeline { get; }

    /// <summary>The zone that people read times in; UTC when this machine does not know it.</summary>
    public TimeZoneInfo Zone { get; }

    public bool IsZoneKnown { get; }

    private DateTimeOffset StartUtc { get; }

    private DateTimeOffset StartLocal { get; }

    /// <summary>Whether local times differ from UTC and are worth a column.</summary>
    public bool HasLocalTime { get; }

    /// <summary>From the start to the last word, or to the last thing recorded.</summary>
    public TimeSpan Length => End?.At ?? (Timeline.Count > 0 ? Timeline[^1].At : TimeSpan.Zero);

    /// <summary>The one word, small: <c>pass</c>.</summary>
    public string Outcome => Judgement.Outcome.ToString().ToLowerInvariant();

    /// <summary>The word for headlines; says so when the process died.</summary>
    public string Headline => End is null ? "Inconclusive - the process died" : Judgement.Outcome.ToString();

    public IEnumerable<(TimelineEntry Entry, T Event)> Of<T>()
        where T : TimelineEvent
    {
        foreach (var entry in Timeline)
        {
            if (entry.Event is T seen)
            {
                yield return (entry, seen);
            }
        }
    }

    /// <summary>Times when nothing could be observed, by their beginning; one that never ended lasts to the end of the record.</summary>
    public IReadOnlyList<BlindTime> BlindTimes { get; }

    /// <summary>When the fault took effect that something recovered from; null when that was not seen.</summary>
    public TimeSpan? EffectAt(Recovery recovery) =>
        MarkOf(recovery, "took effect")
        ?? Of<FaultTookEffect>().Where(e => e.Event.Iteration == recovery.Iteration && e.Event.Step == recovery.Step).Select(e => (TimeSpan?)e.Entry.At).FirstOrDefault();

    /// <summary>When it had recovered; null when that is not known.</summary>
    public TimeSpan? RecoveredAt(Recovery recovery) =>
        MarkOf(recovery, "recovered")
        ?? (recovery.Time is { Value: { } seconds, High: not null } && EffectAt(recovery) is { } effect ? effect + TimeSpan.FromSeconds(seconds) : null);

    /// <summary>When it had held for long enough; null when that is not known.</summary>
    public TimeSpan? StableAt(Recovery recovery) =>
        MarkOf(recovery, "stable")
        ?? (RecoveredAt(recovery) + Header.Awaits.Where(a => a.Step > recovery.Step && a.Of.Contains(recovery.Of)).Select(a => (TimeSpan?)a.StableFor).FirstOrDefault());

    /// <summary>Name of a step as the plan gives it.</summary>
    public string StepName(int step) =>
        Plain.Line(Header.Plan.StepName(step));

    /// <summary>Wall-clock time of an instant in UTC; with the day when it is not the day of the start.</summary>
    public string Utc(TimeSpan at, bool seconds = false) => Clock(StartUtc, StartUtc + at, seconds);

    /// <summary>Wall-clock time of an instant where people read it.</summary>
    public string Local(TimeSpan at, bool seconds = false) =>
        Clock(StartLocal, TimeZoneInfo.ConvertTime(StartUtc + at, Zone), seconds);

    private static TimeSpan? MarkOf(Recovery recovery, string name) => recovery.Marks.FirstOrDefault(m => m.Name == name)?.At;

    private static string Clock(DateTimeOffset start, DateTimeOffset instant, bool seconds)
    {
        // Rounded as offsets are, so that both columns of a table agree to the millisecond.
        instant = new DateTimeOffset((instant.Ticks + 5_000) / 10_000 * 10_000, instant.Offset);
        var time = instant.ToString(seconds ? "HH:mm:ss" : "HH:mm:ss.fff", CultureInfo.InvariantCulture);
        return instant.Date == start.Date ? time : instant.ToString("yyyy-MM-dd ", CultureInfo.InvariantCulture) + time;
    }
}
