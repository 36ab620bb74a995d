using System.Data.Common;
using System.Text.Json;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Timelines;
using Microsoft.Data.Sqlite;

namespace ChaosDrill.Store;

/// <summary>Drills on disk, in one SQLite file in WAL mode: the journal of running drills, their undo log, and the history.</summary>
/// <remarks>
/// Thread-safe. Several processes may use one file: any number read while one writes, and writers wait for each other
/// for up to 10 s. Every member throws <see cref="JournalException"/> when the file fails.
/// </remarks>
public sealed class DrillStore : IJournal, IStoreAccess, IDisposable
{
    private readonly string path;
    private readonly JournalWriter? writer;
    private readonly Lock gate = new();

    private DrillStore(string path, JournalWriter? writer)
    {
        this.path = path;
        this.writer = writer;
        Firings = new FiringLedger(this);
    }

    /// <summary>Who starts which drill, for workers.</summary>
    public FiringLedger Firings { get; }

    /// <summary>Opens a store for writing and reading; folder and file are created when they are missing.</summary>
    /// <param name="path">Path of the file.</param>
    /// <exception cref="JournalException">It cannot be opened, is no store, or is one of a newer ChaosDrill.</exception>
    public static DrillStore Open(string path) =>
        new(path, new JournalWriter(StoreFault.Guard("open the store for writing", path, () => StoreFile.Write(path))));

    /// <summary>Opens an existing store for reading; works on read-only media and beside a running drill.</summary>
    /// <param name="path">Path of the file.</param>
    /// <exception cref="JournalException">There is none, it cannot be opened, is no store, or is one of a newer ChaosDrill.</exception>
    public static DrillStore OpenReadOnly(string path)
    {
        StoreFault.Guard("open the store for reading", path, () => StoreFile.Read(path).Dispose());
        return new DrillStore(path, writer: null);
    }

    /// <inheritdoc />
    public void Begin(DrillHeader header) =>
        Write($"begin drill {header.Id}", journal => journal.Begin(header, of: null));

    /// <summary>A journal whose drill can be begun only while a firing is claimed by a worker and has no drill yet.</summary>
    /// <param name="firing">Id of the firing.</param>
    /// <param name="owner">The worker.</param>
    public IJournal Of(string firing, string owner) => new FiringJournal(this, header =>
        Write($"begin drill {header.Id}", journal => journal.Begin(header, (firing, owner))));

    /// <summary>
    /// Writes the last word of a drill and whatever of its timeline is not in the store yet, for a drill whose end could not
    /// be written at its time. Does nothing when it has its last word.
    /// </summary>
    public void Complete(DrillRecord record, Judgement judgement)
    {
        var known = Read(record.Header.Id)!;
        if (known.End is null)
        {
            var stored = known.Timeline.Select(e => e.Sequence).ToHashSet();
            Append(record.Header.Id, [.. record.Timeline.Where(e => !stored.Contains(e.Sequence))]);
            End(record.Header.Id, record.End!, judgement);
        }
    }

    /// <inheritdoc />
    public void Append(string drillId, IReadOnlyList<TimelineEntry> entries)
    {
        if (entries.Count > 0)
        {
            Write($"append to the timeline of drill {drillId}", journal => journal.Append(drillId, entries));
        }
    }

    /// <inheritdoc />
    public void RecordUndo(UndoRecord undo) =>
        Write($"record undo {undo.Id} of drill {undo.DrillId}", journal => journal.RecordUndo(undo));

    /// <inheritdoc />
    public void FinishUndo(string drillId, string undoId) =>
        Write($"finish undo {undoId} of drill {drillId}", journal => journal.FinishUndo(drillId, undoId));

    /// <inheritdoc />
    public void End(string drillId, DrillEnd end, Judgement judgement) =>
        Write($"end drill {drillId}", journal => journal.End(drillId, end, judgement));

    /// <summary>The newest drills that a filter lets through, the newest first.</summary>
    public IReadOnlyList<DrillSummary> History(HistoryFilter? filter = null) =>
        Read("read the history", connection => DrillHistory.List(connection, filter ?? new HistoryFilter()));

    /// <summary>Whether there is a drill of exactly this id.</summary>
    public bool Holds(string id) => Read($"find drill {id}", connection => connection.Number("SELECT count(*) FROM drill WHERE id = @id", ("@id", id)) > 0);

    /// <summary>Drills without a last word, the newest first.</summary>
    public IReadOnlyList<DrillSummary> Unfinished() => Read("read the unfinished drills", DrillHistory.Unfinished);

    /// <summary>How many drills of each scenario ended in which word.</summary>
    public IReadOnlyList<DrillTally> Tally() => Read("count the drills", connection => connection.List(
        "SELECT scenario, outcome, count(*), max(started_ms) FROM drill WHERE outcome IS NOT NULL GROUP BY scenario, outcome ORDER BY scenario, outcome",
        row => new DrillTally(row.GetString(0), Enum.Parse<DrillOutcome>(row.GetString(1)), row.GetInt64(2), row.Time(3))));

    /// <summary>The judgement of the newest drill of each scenario that is over and was not refused.</summary>
    public IReadOnlyList<(string Scenario, Judgement Judgement)> NewestJudgements() => Read("read the newest judgements", connection => connection.List(
        """
        SELECT scenario, judgement FROM drill
        JOIN (SELECT max(number) AS newest FROM drill WHERE judgement IS NOT NULL AND outcome <> 'Refused' GROUP BY scenario) AS newest_of ON number = newest
        ORDER BY scenario
        """,
        row => (row.GetString(0), JsonSerializer.Deserialize(row.GetString(1), DrillJson.Default.Judgement)!)));

    /// <summary>All that is stored of one drill.</summary>
    /// <param name="id">The drill's id, the beginning of exactly one id, or <c>latest</c>.</param>
    /// <returns>Null only for <c>latest</c> in a store without drills.</returns>
    /// <exception cref="DrillLookupException">It names no drill or several; the message lists those that may have been meant.</exception>
    public DrillRecord? Read(string id) => Read($"read drill {id}", connection =>
        DrillLookup.Find(connection, id) is { } number ? DrillRecords.Read(connection, number) : null);

    /// <summary>The full id that an id, the beginning of one, or <c>latest</c> stands for.</summary>
    /// <returns>Null only for <c>latest</c> in a store without drills.</returns>
    /// <exception cref="DrillLookupException">It names no drill or several; the message lists those that may have been meant.</exception>
    public DrillSummary? Find(string id) => Read($"find drill {id}", connection =>
        DrillLookup.Find(connection, id) is { } number ? DrillHistory.One(connection, number) : null);

    /// <summary>The digest of a drill's record as it is stored; an altered byte of it gives another.</summary>
    /// <param name="id">The drill's full id.</param>
    /// <exception cref="DrillLookupException">There is no such drill.</exception>
    public string Digest(string id) => Read($"read drill {id}", connection => RecordDigest.Of(connection, DrillLookup.Find(connection, id)!.Value));

    /// <summary>Recorded ways back that nobody has gone, the oldest drill first, and of a drill the last change first.</summary>
    public IReadOnlyList<OutstandingUndo> OutstandingUndos() =>
        Read("read the outstanding undos", DrillHistory.OutstandingUndos);

    /// <summary>Deletes drills for good; one that recorded a way back which nobody has gone stays.</summary>
    /// <returns>How many were deleted.</returns>
    public int Delete(IReadOnlyList<string> drillIds)
    {
        var deleted = 0;
        Write("delete old drills", journal => deleted = journal.Delete(drillIds));
        return deleted;
    }

    /// <summary>Closes the file. What was written stays readable without this.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            writer?.Dispose();
        }
    }

    /// <summary>The writer's connection, for tests that need a failing disk.</summary>
    internal SqliteConnection? WritingConnection => writer?.Connection;

    T IStoreAccess.Read<T>(string what, Func<DbConnection, T> query) => Read(what, query);

    T IStoreAccess.Write<T>(string what, Func<DbConnection, T> change)
    {
        var result = default(T)!;
        Write(what, journal => result = journal.Change(change));
        return result;
    }

    private void Write(string what, Action<JournalWriter> act)
    {
        if (writer is null)
        {
            throw new JournalException($"Cannot {what}: the store {path} was opened for reading only.");
        }

        lock (gate)
        {
            StoreFault.Guard(what, path, () => act(writer));
        }
    }

    // Readers have a connection of their own: a long read never delays the timeline.
    private T Read<T>(string what, Func<SqliteConnection, T> query) => StoreFault.Guard(what, path, () =>
    {
        using var connection = StoreFile.Read(path);
        using var snapshot = connection.BeginTransaction(deferred: true);
        return query(connection);
    });
}
