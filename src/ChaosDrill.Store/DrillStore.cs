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
public sealed class DrillStore : IJournal, IDisposable
{
    private readonly string path;
    private readonly JournalWriter? writer;
    private readonly Lock gate = new();

    private DrillStore(string path, JournalWriter? writer)
    {
        this.path = path;
        this.writer = writer;
    }

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
        Write($"begin drill {header.Id}", journal => journal.Begin(header));

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
