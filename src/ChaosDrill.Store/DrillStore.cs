using System.Data.Common;
using System.Text.Json;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Timelines;
using Microsoft.Data.Sqlite;

namespace ChaosDrill.Store;

/// <summary>The journal of running drills, their undo log, and the history: in a SQLite file, or on a PostgreSQL server.</summary>
/// <remarks>
/// Thread-safe. Several processes may use one store, those on other machines where it is a server. Every member throws
/// <see cref="JournalException"/> when the database fails.
/// </remarks>
public sealed class DrillStore : IJournal, IStoreAccess, IDisposable
{
    private readonly IDatabase database;
    private readonly bool isWritable;

    private DrillStore(IDatabase database, bool isWritable)
    {
        (this.database, this.isWritable) = (database, isWritable);
        Firings = new FiringLedger(this);
    }

    /// <summary>Who starts which drill, for workers.</summary>
    public FiringLedger Firings { get; }

    /// <summary>What messages call it: a path, or a server without the password.</summary>
    public string Place => database.Place;

    /// <summary>Whether workers on several machines may share it: it is on a server.</summary>
    public bool IsShared => database is PostgresDatabase;

    /// <summary>Opens a store for writing and reading; what is missing is made: folder and file, or schema and tables.</summary>
    /// <param name="target">Path of a file, or a server as <see cref="StoreTarget"/> has it.</param>
    /// <exception cref="JournalException">It cannot be opened, is no store, or is one of a newer ChaosDrill.</exception>
    public static DrillStore Open(string target) =>
        new(StoreFault.Guard("open the store for writing", StoreTarget.Place(target), () => Database(target, forWriting: true)), isWritable: true);

    /// <summary>Opens an existing store for reading; a file may be on read-only media, and a drill may be running.</summary>
    /// <param name="target">Path of a file, or a server as <see cref="StoreTarget"/> has it.</param>
    /// <exception cref="JournalException">There is none, it cannot be opened, is no store, or is one of a newer ChaosDrill.</exception>
    public static DrillStore OpenReadOnly(string target) =>
        new(StoreFault.Guard("open the store for reading", StoreTarget.Place(target), () => Database(target, forWriting: false)), isWritable: false);

    /// <inheritdoc />
    public void Begin(DrillHeader header) =>
        Write($"begin drill {header.Id}", journal => journal.Begin(header, of: null));

    /// <summary>
    /// The journal of a firing's drill. It can be begun only while the firing is claimed as it was then and has no drill
    /// yet; once another one has taken it over, every write throws <see cref="ClaimLostException"/>.
    /// </summary>
    /// <param name="claimed">The firing, as its claim was given.</param>
    public IJournal Of(Firing claimed) => new FiringJournal(this, claimed);

    /// <summary>
    /// Writes the last word of a drill and whatever of its timeline is not in the store yet, for a drill whose end could not
    /// be written at its time. Does nothing when it has its last word.
    /// </summary>
    /// <param name="record">The drill.</param>
    /// <param name="judgement">Its judgement.</param>
    /// <param name="claimed">The firing that it is of; null when it is of none.</param>
    /// <exception cref="ClaimLostException">It is another worker's.</exception>
    public void Complete(DrillRecord record, Judgement judgement, Firing? claimed)
    {
        if (claimed is not null && !Firings.Holds(claimed))
        {
            // Also when it is over: its end is not this one's to tell.
            throw JournalWriter.Lost(record.Header.Id);
        }

        var known = Read(record.Header.Id)!;
        if (known.End is null)
        {
            var fence = claimed?.Fence ?? JournalWriter.Unfenced;
            var stored = known.Timeline.Select(e => e.Sequence).ToHashSet();
            Append(record.Header.Id, fence, [.. record.Timeline.Where(e => !stored.Contains(e.Sequence))]);
            End(record.Header.Id, record.End!, judgement, fence);
        }
    }

    /// <inheritdoc />
    public void Append(string drillId, IReadOnlyList<TimelineEntry> entries) => Append(drillId, JournalWriter.Unfenced, entries);

    /// <inheritdoc />
    public void RecordUndo(UndoRecord undo) => RecordUndo(undo, JournalWriter.Unfenced);

    /// <inheritdoc />
    public void FinishUndo(string drillId, string undoId) => FinishUndo(drillId, undoId, JournalWriter.Unfenced);

    /// <inheritdoc />
    public void End(string drillId, DrillEnd end, Judgement judgement) => End(drillId, end, judgement, JournalWriter.Unfenced);

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

    /// <summary>What was recorded of a drill after an entry, in order of recording.</summary>
    /// <param name="id">The drill's full id.</param>
    /// <param name="sequence">Number of the entry; 0 is before the first.</param>
    public IReadOnlyList<TimelineEntry> EntriesAfter(string id, long sequence) => Read($"read drill {id}", connection => DrillRecords.After(connection, id, sequence));

    /// <summary>The full id that an id, the beginning of one, or <c>latest</c> stands for.</summary>
    /// <returns>Null only for <c>latest</c> in a store without drills.</returns>
    /// <exception cref="DrillLookupException">It names no drill or several; the message lists those that may have been meant.</exception>
    public DrillSummary? Find(string id) => Read($"find drill {id}", connection =>
        DrillLookup.Find(connection, id) is { } number ? DrillHistory.One(connection, number) : null);

    /// <summary>Header and judgement, as it was given when it ended, of the newest drills that a filter lets through; without their timelines.</summary>
    public IReadOnlyList<(DrillHeader Header, Judgement Judgement)> Judgements(HistoryFilter filter) =>
        Read("read earlier judgements", connection => DrillRecords.Judgements(connection, [.. DrillHistory.List(connection, filter).Select(d => d.Id)]));

    /// <summary>The digest of a drill's record as it is stored; an altered byte of it gives another.</summary>
    /// <param name="id">The drill's full id.</param>
    /// <exception cref="DrillLookupException">There is no such drill.</exception>
    public string Digest(string id) => Read($"read drill {id}", connection => RecordDigest.Of(connection, DrillLookup.Find(connection, id)!.Value));

    /// <summary>Recorded ways back that nobody has gone, the oldest drill first, and of a drill the last change first.</summary>
    public IReadOnlyList<OutstandingUndo> OutstandingUndos() =>
        Read("read the outstanding undos", DrillHistory.OutstandingUndos);

    /// <summary>Every way back that a drill recorded, gone or not, the last change first.</summary>
    public IReadOnlyList<UndoRecord> UndosOf(string id) => Read($"read the undos of drill {id}", connection => DrillHistory.UndosOf(connection, id));

    /// <summary>Deletes drills for good; one that recorded a way back which nobody has gone stays.</summary>
    /// <returns>How many were deleted.</returns>
    public int Delete(IReadOnlyList<string> drillIds)
    {
        var deleted = 0;
        Write("delete old drills", journal => deleted = journal.Delete(drillIds));
        return deleted;
    }

    /// <summary>Closes the database. What was written stays readable without this.</summary>
    public void Dispose() => database.Dispose();

    /// <summary>The writer's connection to a file, for tests that need a failing disk.</summary>
    internal SqliteConnection? WritingConnection => (database as SqliteDatabase)?.Connection;

    T IStoreAccess.Read<T>(string what, Func<DbConnection, T> query) => Read(what, query);

    T IStoreAccess.Write<T>(string what, Func<DbConnection, T> change)
    {
        var result = default(T)!;
        Write(what, journal => result = journal.Change(change));
        return result;
    }

    internal void Append(string drillId, long fence, IReadOnlyList<TimelineEntry> entries)
    {
        if (entries.Count > 0)
        {
            Write($"append to the timeline of drill {drillId}", journal => journal.Append(drillId, fence, entries));
        }
    }

    internal void RecordUndo(UndoRecord undo, long fence) =>
        Write($"record undo {undo.Id} of drill {undo.DrillId}", journal => journal.RecordUndo(undo, fence));

    internal void FinishUndo(string drillId, string undoId, long fence) =>
        Write($"finish undo {undoId} of drill {drillId}", journal => journal.FinishUndo(drillId, undoId, fence));

    internal void End(string drillId, DrillEnd end, Judgement judgement, long fence) =>
        Write($"end drill {drillId}", journal => journal.End(drillId, end, judgement, fence));

    internal void Write(string what, Action<JournalWriter> act)
    {
        if (!isWritable)
        {
            throw new JournalException($"Cannot {what}: the store {Place} was opened for reading only.");
        }

        StoreFault.Guard(what, Place, () =>
        {
            database.Write(act);
            return true;
        });
    }

    private static IDatabase Database(string target, bool forWriting) =>
        StoreTarget.IsServer(target) ? new PostgresDatabase(target, forWriting) : new SqliteDatabase(target, forWriting);

    private T Read<T>(string what, Func<DbConnection, T> query) => StoreFault.Guard(what, Place, () => database.Read(query));
}
