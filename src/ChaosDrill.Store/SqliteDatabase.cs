using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace ChaosDrill.Store;

/// <summary>One SQLite file in WAL mode: any number of processes read while one writes, and writers wait for each other for up to 10 s.</summary>
internal sealed class SqliteDatabase : IDatabase
{
    private readonly JournalWriter? _writer;
    private readonly Lock _gate = new();

    /// <summary>Opens the file.</summary>
    public SqliteDatabase(string path, bool forWriting)
    {
        Place = path;
        if (forWriting)
        {
            Connection = StoreFile.Write(path);
            _writer = new JournalWriter(Connection, Commit);
        }
        else
        {
            StoreFile.Read(path).Dispose();
        }
    }

    public string Place { get; }

    /// <summary>The writer's connection.</summary>
    internal SqliteConnection? Connection { get; }

    // Readers have a connection of their own: a long read never delays the timeline.
    public T Read<T>(Func<DbConnection, T> query)
    {
        using var connection = StoreFile.Read(Place);
        using var snapshot = connection.BeginTransaction(deferred: true);
        return query(connection);
    }

    public void Write(Action<JournalWriter> act)
    {
        lock (_gate)
        {
            act(_writer!);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _writer?.Dispose();
            Connection?.Dispose();
        }
    }

    private void Commit(bool synced, Action act)
    {
        if (synced)
        {
            StoreSchema.Execute(Connection!, "PRAGMA synchronous = FULL");
        }

        try
        {
            Transact(act);
        }
        finally
        {
            if (synced)
            {
                StoreSchema.Execute(Connection!, "PRAGMA synchronous = NORMAL");
            }
        }
    }

    // Not SqliteTransaction: a full disk makes SQLite roll back by itself, after which that class fails on every later use.
    private void Transact(Action act)
    {
        StoreSchema.Execute(Connection!, "BEGIN IMMEDIATE");
        try
        {
            act();
            StoreSchema.Execute(Connection!, "COMMIT");
        }
        catch
        {
            if (SQLitePCL.raw.sqlite3_get_autocommit(Connection!.Handle) == 0)
            {
                StoreSchema.Execute(Connection!, "ROLLBACK");
            }

            throw;
        }
    }
}
