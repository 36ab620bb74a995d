using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Reports.Postmortems;

/// <summary>What a line of the table of events is about; also its CSS class.</summary>
internal enum EventKind
{
    /// <summary>A stage or step.</summary>
    Stage,

    /// <summary>A fault.</summary>
    Fault,

    /// <summary>Something got worse.</summary>
    Bad,

    /// <summary>Something got better.</summary>
    Good,

    /// <summary>Nothing could be known.</summary>
    Unknown,

    /// <summary>Anything else.</summary>
    Plain,
}

/// <summary>One line of the table of events: one entry of the timeline, or several of a kind.</summary>
/// <param name="First">The first of them.</param>
/// <param name="Last">The last of them; null when it is one.</param>
/// <param name="Kind">What it is about.</param>
/// <param name="What">In a few words.</param>
/// <param name="Detail">The rest.</param>
/// <param name="IsKey">Whether a shortened table keeps it.</param>
internal sealed record EventRow(TimelineEntry First, TimelineEntry? Last, EventKind Kind, string What, string Detail, bool IsKey)
{
    /// <summary>Instant of the first.</summary>
    public TimeSpan At => First.At;

    /// <summary>Instant of the last; null when it is one.</summary>
    public TimeSpan? Until => Last?.At;
}
