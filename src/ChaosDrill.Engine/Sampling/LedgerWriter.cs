using System.Globalization;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Engine.Sampling;

/// <summary>Writes a ledger's entries on their timetable, and what became of each into the timeline, about once a second.</summary>
/// <param name="ledger">Where they are written.</param>
/// <param name="spec">How often.</param>
/// <param name="iteration">Which repetition it is, from 1.</param>
/// <param name="undo">The way back, recorded already.</param>
/// <param name="timeline">Where it is told.</param>
/// <param name="clock">The drill's clock.</param>
internal sealed class LedgerWriter(ILedger ledger, LedgerSpec spec, int iteration, UndoRecord undo, ITimelineWriter timeline, TimeProvider clock)
{
    /// <summary>A journal entry for each written entry would be as much work as the writing.</summary>
    private static readonly TimeSpan _tellEvery = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<long, string> _texts = [];
    private readonly List<LedgerEntry> _entries = [];
    private readonly TaskCompletionSource _acknowledged = Signal.New();
    private int _told;
    private TimeSpan _toldAt;

    /// <summary>Completed when the first entry was acknowledged.</summary>
    public Task FirstAcknowledged => _acknowledged.Task;

    /// <summary>Every entry that came to its end so far.</summary>
    public IReadOnlyList<LedgerEntry> Entries
    {
        get
        {
            lock (_lock)
            {
                return [.. _entries];
            }
        }
    }

    /// <summary>Writes until cancelled, then waits for the entries that are under way, at most one time-out.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await new OpenLoop(spec.Every, timeline, clock).RunAsync(WriteAsync, (_, _, _) => { }, cancellationToken);
        Tell(timeline.At(clock.GetTimestamp()));
    }

    /// <summary>Whether an entry says what was written under its number in this run.</summary>
    public bool IsOwn(long number, string text)
    {
        lock (_lock)
        {
            return _texts.TryGetValue(number, out var written) && written == text;
        }
    }

    private async Task WriteAsync(long number, TimeSpan due)
    {
        var text = clock.GetUtcNow().UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
        lock (_lock)
        {
            _texts.Add(number, text);
        }

        var sent = timeline.At(clock.GetTimestamp());
        EntryOutcome outcome;
        using (var limit = new CancellationTokenSource(spec.Timeout, clock))
        {
            try
            {
                outcome = await ledger.WriteAsync(number, text, undo, limit.Token);
            }
            catch (OperationCanceledException)
            {
                outcome = EntryOutcome.Unanswered;
            }
        }

        var answered = timeline.At(clock.GetTimestamp());
        bool isDue;
        lock (_lock)
        {
            _entries.Add(new LedgerEntry(number, sent, answered, outcome));
            isDue = answered - _toldAt >= _tellEvery;
        }

        if (outcome == EntryOutcome.Acknowledged)
        {
            _acknowledged.TrySetResult();
        }

        if (isDue)
        {
            Tell(answered);
        }
    }

    private void Tell(TimeSpan now)
    {
        LedgerEntry[] news;
        lock (_lock)
        {
            news = [.. _entries.Skip(_told)];
            (_told, _toldAt) = (_entries.Count, now);
        }

        if (news.Length > 0)
        {
            timeline.Record(new LedgerWritten(iteration, news));
        }
    }
}
