using ChaosDrill.Engine.Ports;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Engine.Drills;

/// <summary>The timeline of a running drill: stamps, numbers, writes down and announces every entry.</summary>
/// <remarks>Thread-safe. Instants count from the moment of construction on the monotonic clock; the wall clock plays no part.</remarks>
public sealed class DrillTimeline : ITimelineWriter
{
    private readonly TimeProvider _clock;
    private readonly long _start;
    private readonly Action<IReadOnlyList<TimelineEntry>> _write;
    private readonly List<TimelineEntry> _entries = [];
    private readonly Lock _lock = new();
    private TaskCompletionSource _changed = Signal.New();

    /// <summary>Starts the clock of a drill.</summary>
    /// <param name="clock">The monotonic clock.</param>
    /// <param name="write">Called for the entries that belong together, one call at a time, in the order of their numbers.</param>
    public DrillTimeline(TimeProvider clock, Action<IReadOnlyList<TimelineEntry>> write)
    {
        _clock = clock;
        _start = clock.GetTimestamp();
        _write = write;
    }

    /// <summary>Time since the start.</summary>
    public TimeSpan Now => _clock.GetElapsedTime(_start);

    /// <summary>All entries so far, in the order of recording.</summary>
    public IReadOnlyList<TimelineEntry> Entries
    {
        get
        {
            lock (_lock)
            {
                return [.. _entries];
            }
        }
    }

    /// <summary>Completes when the next entry is recorded. Take it before looking at the state that it is to guard.</summary>
    public Task NextChange
    {
        get
        {
            lock (_lock)
            {
                return _changed.Task;
            }
        }
    }

    /// <inheritdoc />
    public void Record(TimelineEvent happened) => Record(happened, _clock.GetTimestamp());

    /// <inheritdoc />
    public void Record(TimelineEvent happened, long timestamp) => Record([(happened, timestamp)]);

    /// <inheritdoc />
    public void Record(IReadOnlyList<(TimelineEvent Happened, long Timestamp)> together)
    {
        if (together.Count == 0)
        {
            return;
        }

        TaskCompletionSource signal;
        lock (_lock)
        {
            var entries = together.Select((one, i) => new TimelineEntry(_entries.Count + 1 + i, At(one.Timestamp), one.Happened)).ToList();
            _entries.AddRange(entries);
            _write(entries);
            signal = _changed;
            _changed = Signal.New();
        }

        signal.SetResult();
    }

    /// <inheritdoc />
    public TimeSpan At(long timestamp) => _clock.GetElapsedTime(_start, timestamp);
}
