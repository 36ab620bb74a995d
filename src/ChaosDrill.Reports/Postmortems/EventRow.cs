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
/// <param name="At">Instant of the first of them.</param>
/// <param name="Until">Instant of the last of them; null when it is one.</param>
/// <param name="Kind">What it is about.</param>
/// <param name="What">In a few words.</param>
/// <param name="Detail">The rest.</param>
/// <param name="IsKey">Whether a shortened table keeps it.</param>
internal sealed record EventRow(TimeSpan At, TimeSpan? Until, EventKind Kind, string What, string Detail, bool IsKey);
