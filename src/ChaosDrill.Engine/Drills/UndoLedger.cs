using ChaosDrill.Engine.Ports;
using ChaosDrill.Model;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Engine.Drills;

/// <summary>
/// The ways back from everything that a drill changed. Each is written down before the change, gone once, and in the
/// reverse order; the lock, which is taken first, is given back last.
/// </summary>
/// <remarks>A way back listens to no stop button: it has a time limit of its own.</remarks>
internal sealed class UndoLedger(
    string drillId, TimeSpan longest, ICluster cluster, IJournal journal, DrillTimeline timeline, TimeProvider clock)
{
    /// <summary>Stands for the lock where a step is asked for.</summary>
    public const int Lock = -1;

    /// <summary>How long a way back may take, unless it says more, and how long all together may while the cluster does not answer.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Between two attempts.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly System.Threading.Lock _lock = new();
    private readonly List<Entry> _entries = [];
    private int _recorded;
    private volatile string? _abandoned;

    /// <summary>Whether a step's change is not put back yet.</summary>
    public bool HasFaults => Open().Any(e => e.Step >= 0);

    /// <summary>Writes down the way back from a change that a step is about to make.</summary>
    /// <param name="step">The step, from 0.</param>
    /// <param name="kind">Which action knows how to go back.</param>
    /// <param name="description">What it puts back, in words.</param>
    /// <param name="payload">What that action needs, as JSON.</param>
    /// <param name="lasts">How long the change may last; null is to the end of the drill.</param>
    /// <param name="within">How long going back may take; null is a minute.</param>
    public UndoRecord Record(int step, string kind, string description, string payload, TimeSpan? lasts, TimeSpan? within = null)
    {
        // Numbered, so that whoever goes them later knows the order. Others may go back only when this drill surely does not any more.
        var id = $"{Interlocked.Increment(ref _recorded):000}-{kind}";
        var undo = new UndoRecord(drillId, id, kind, description, payload, clock.GetUtcNow() + (lasts ?? longest) + (within ?? Limit));
        Record(undo, step, lasts, within);
        return undo;
    }

    /// <summary>Writes down a way back.</summary>
    public void Record(UndoRecord undo, int step, TimeSpan? lasts, TimeSpan? within = null)
    {
        journal.RecordUndo(undo);
        lock (_lock)
        {
            _entries.Add(new Entry(undo, step, lasts is { } time ? timeline.Now + time : null, within ?? Limit));
        }

        timeline.Record(new UndoRecorded(undo.Id, step, undo.Description));
    }

    /// <summary>Strikes out a way back from a change that was never made.</summary>
    public void Forget(UndoRecord undo, string why)
    {
        Finish(Open().Single(e => e.Undo.Id == undo.Id), why);
    }

    /// <summary>Puts back what one step changed.</summary>
    /// <returns>Null when all of it is put back; otherwise what is not.</returns>
    public async Task<string?> GoAsync(int step)
    {
        await GoAsync(Open().Where(e => e.Step == step));
        return _entries.LastOrDefault(e => e.Step == step && e.Trouble is not null)?.Trouble;
    }

    /// <summary>Goes one way back.</summary>
    /// <returns>Null when it is put back; otherwise what is not.</returns>
    public async Task<string?> GoAsync(UndoRecord undo)
    {
        await GoAsync(Open().Where(e => e.Undo.Id == undo.Id));
        return _entries.Single(e => e.Undo.Id == undo.Id).Trouble;
    }

    /// <summary>Puts back what the steps changed, and keeps the lock and what the ledger wrote.</summary>
    public Task GoFaultsAsync() => GoAsync(Open().Where(e => e.Step >= 0));

    /// <summary>Puts back everything.</summary>
    /// <returns>Whether everything is put back.</returns>
    public async Task<bool> GoAllAsync()
    {
        await GoAsync(Open());
        return _entries.All(e => e.Done);
    }

    /// <summary>Goes no way back any more: somebody else has taken the drill over and goes them.</summary>
    public void Abandon(string why) => _abandoned = why;

    /// <summary>Puts back what has lasted as long as it may, until cancelled.</summary>
    public async Task WatchAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var change = timeline.NextChange;
                var next = Open().Where(e => e.Due is not null && !e.Expired).OrderBy(e => e.Due).FirstOrDefault();
                if (next is not null && next.Due <= timeline.Now)
                {
                    next.Expired = true;
                    timeline.Record(new Note($"{next.Undo.Description}: it has lasted as long as it may"));
                    await GoAsync([next]);
                    continue;
                }

                await Waiting.ForAsync(change, next is null ? TimeSpan.FromHours(1) : next.Due!.Value - timeline.Now, clock, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The drill is over; what is still open is gone by GoAllAsync.
        }
    }

    private List<Entry> Open()
    {
        lock (_lock)
        {
            return [.. _entries.Where(e => e is { Done: false, Refused: false })];
        }
    }

    private async Task GoAsync(IEnumerable<Entry> entries)
    {
        var begin = clock.GetTimestamp();
        foreach (var entry in entries.Reverse().ToList())
        {
            // Two may want to go the same way at once, such as an expiry and the end of the drill: they go together.
            await (entry.UnderWay ??= GoOneAsync(entry, begin));
            entry.UnderWay = null;
            if (entry.Done)
            {
                // The cluster answers, however long this one took: the next have their time too.
                begin = clock.GetTimestamp();
            }
        }
    }

    private async Task GoOneAsync(Entry entry, long begin)
    {
        while (!entry.Done)
        {
            if (_abandoned is { } why)
            {
                entry.Refused = true;
                Fail(entry, why);
                return;
            }

            try
            {
                using var limit = new CancellationTokenSource(entry.Limit, clock);
                Finish(entry, await cluster.UndoAsync(entry.Undo, limit.Token));
                return;
            }
            catch (ClaimLostException e)
            {
                Abandon(e.Message);
                continue;
            }
            catch (UndoRefusedException e)
            {
                entry.Refused = true;
                Fail(entry, e.Message);
                return;
            }
            catch (Exception e) when (e is ClusterException or OperationCanceledException)
            {
                if (clock.GetElapsedTime(begin) >= entry.Limit)
                {
                    Fail(entry, $"{entry.Undo.Description}: {(e is OperationCanceledException ? $"not done within {GoDuration.Format(entry.Limit)}" : e.Message)}");
                    return;
                }
            }

            await Task.Delay(Pause, clock, CancellationToken.None);
        }
    }

    private void Finish(Entry entry, string done)
    {
        entry.Done = true;
        entry.Trouble = null;
        try
        {
            journal.FinishUndo(drillId, entry.Undo.Id);
        }
        catch (JournalException)
        {
            // The change is put back; an undo that stays on record is gone once more by the next start, without harm.
        }

        timeline.Record(new UndoFinished(entry.Undo.Id, true, done));
    }

    private void Fail(Entry entry, string trouble)
    {
        entry.Trouble = trouble;
        timeline.Record(new UndoFinished(entry.Undo.Id, false, trouble));
    }

    private sealed class Entry(UndoRecord undo, int step, TimeSpan? due, TimeSpan limit)
    {
        public UndoRecord Undo => undo;

        public int Step => step;

        public TimeSpan? Due => due;

        public TimeSpan Limit => limit;

        public bool Done { get; set; }

        public bool Refused { get; set; }

        public bool Expired { get; set; }

        public string? Trouble { get; set; }

        public Task? UnderWay { get; set; }
    }
}
