namespace ChaosDrill.Kubernetes;

/// <summary>What a watch reports.</summary>
public enum WatchEventType
{
    /// <summary>An object is there: from the first list, or new.</summary>
    Added,

    /// <summary>An object changed.</summary>
    Modified,

    /// <summary>An object is gone, or no longer matches; carries its last known state.</summary>
    Deleted,

    /// <summary>The first list is delivered whole.</summary>
    Synced,

    /// <summary>The watch is blind from here on; carries the gap.</summary>
    Interrupted,

    /// <summary>The watch sees again; carries the gap. Interrupted and Resumed always alternate.</summary>
    Resumed,
}

/// <summary>One event of a watch.</summary>
/// <param name="Type">What happened.</param>
/// <param name="Object">The object; the default value for Synced, Interrupted and Resumed.</param>
/// <param name="ResourceVersion">The object's version; for Synced the list's; for Interrupted and Resumed where the watch goes on from.</param>
/// <param name="ReceivedAt">The clock's timestamp at the moment the bytes were read, not when the consumer got round to it.</param>
/// <param name="Gap">For Interrupted and Resumed.</param>
public sealed record WatchEvent<T>(WatchEventType Type, T? Object, string? ResourceVersion, long ReceivedAt, WatchGap? Gap = null);

/// <summary>A time in which a watch saw nothing.</summary>
/// <param name="LastHeardAt">The clock's timestamp up to which everything was seen as it happened.</param>
/// <param name="ResumedAt">The timestamp from which everything is seen again; null while it lasts.</param>
/// <param name="Relisted">
/// Whether the state was listed anew, so that changes which cancelled each other may be missing. Otherwise the server
/// replays each change, only later than it happened.
/// </param>
/// <param name="Reason">What broke the watch, for people.</param>
public sealed record WatchGap(long LastHeardAt, long? ResumedAt, bool Relisted, string Reason);
