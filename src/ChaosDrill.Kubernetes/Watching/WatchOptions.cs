namespace ChaosDrill.Kubernetes;

/// <summary>What to watch, and how patiently.</summary>
public sealed record WatchOptions
{
    /// <summary>Only objects whose labels match.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>Only objects whose fields match, for example <c>metadata.name=web-0</c>.</summary>
    public string? FieldSelector { get; init; }

    /// <summary>
    /// After how long the server should end a stream; default 5 minutes, and up to a fifth more by chance so that many
    /// watches do not come back at once. Its punctual end proves that the stream was alive until then.
    /// </summary>
    public TimeSpan ServerTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// After how long without a byte a stream counts as dead; null (the default) means 30 seconds after its server should
    /// have ended it. Servers send a bookmark about every minute for most kinds, but not for events.
    /// </summary>
    public TimeSpan? IdleTimeout { get; init; }

    /// <summary>The wait before the second attempt to connect again; the first comes at once. Doubles with each failure. Default 100 ms.</summary>
    public TimeSpan InitialBackoff { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest wait between attempts; default 5 seconds.</summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Seeds the jitter of waits; null numbers the watches of a client, which is the same in each run.</summary>
    public int? Seed { get; init; }

    /// <summary>
    /// How many events are kept for a slow consumer; default 4096. When it is full, reading waits: nothing is dropped
    /// here, but a server ends a watch that it cannot write to, and the watch then resumes where it was.
    /// </summary>
    public int Capacity { get; init; } = 4096;

    /// <summary>The longest event accepted, in bytes; default 16 MB.</summary>
    public int MaxEventSize { get; init; } = 16 * 1024 * 1024;
}
