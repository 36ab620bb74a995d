using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Model.Measures;

/// <summary>The times in which something could not be observed, and what they do to the instants around them.</summary>
internal sealed class ObservationGaps
{
    /// <summary>Name of a gap in which the process itself stood still; it blinds every observation.</summary>
    public const string Clock = "clock";

    /// <summary>Name of a gap in the watch that proves the effect of faults.</summary>
    public const string Effects = "effects";

    /// <summary>
    /// What arrives this soon after a gap may have happened inside it: a resumed watch delivers its backlog first,
    /// and nothing in the protocol marks the backlog's end.
    /// </summary>
    private static readonly TimeSpan Backlog = TimeSpan.FromSeconds(1);

    /// <summary>A process that stood still works off what had piled up within this time.</summary>
    private static readonly TimeSpan ClockBacklog = TimeSpan.FromMilliseconds(100);

    private readonly IReadOnlyList<ObservationGap> _gaps;

    /// <summary>Gaps that concern <paramref name="what"/>, and those of the clock.</summary>
    public ObservationGaps(IEnumerable<TimelineEntry> timeline, string what) =>
        _gaps = [.. timeline.Select(e => e.Event).OfType<ObservationGap>().Where(g => g.What == what || g.What == Clock)];

    /// <summary>The bounds of an instant that was observed at <paramref name="at"/>.</summary>
    public BoundedInstant Bound(TimeSpan at)
    {
        var earliest = at;
        foreach (var gap in _gaps)
        {
            if (at >= gap.To && at - gap.To <= (gap.What == Clock ? ClockBacklog : Backlog) && gap.From < earliest)
            {
                earliest = gap.From;
            }
        }

        return new BoundedInstant(at, earliest);
    }

    /// <summary>The end of the last gap overlapping the stretch in which changes may have been lost for good; null when there is none.</summary>
    public TimeSpan? LastLossWithin(TimeSpan from, TimeSpan to)
    {
        TimeSpan? last = null;
        foreach (var gap in _gaps)
        {
            if (gap.Lost && gap.To > from && gap.From < to && (last is null || gap.To > last))
            {
                last = gap.To;
            }
        }

        return last;
    }
}
