using ChaosDrill.Engine.Ports;
using Microsoft.Data.Sqlite;

namespace ChaosDrill.Store;

/// <summary>Opens connections to a store's file.</summary>
internal static class StoreFile
{
    /// <summary>How long a writer waits for another process's lock. Transactions here take milliseconds.</summary>
    private const int LockWaitSeconds = 10;

    /// <summary>Opens for writing; creates folder, file and tables that are missing.</summary>
    public static SqliteConnection Write(string path)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder)
        {
            Directory.CreateDirectory(folder);
        }

        return Open(path, SqliteOpenMode.ReadWriteCreate, connection =>
        {
            switch (StoreSchema.Check(connection, path))
            {
                case 0:
                    StoreSchema.Create(connection, path);
                    break;
                case < StoreSchema.Version:
                    StoreSchema.Upgrade(connection);
                    break;
            }

            // NORMAL: a commit reaches the operating system, so it outlives this process; power cuts are for FULL (see DrillStore).
            StoreSchema.Execute(connection, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON");
        });
    }

    /// <summary>Opens for reading; the file must exist.</summary>
    /// <exception cref="JournalException">There is no file, or no drill was ever written to it.</exception>
    public static SqliteConnection Read(string path)
    {
        if (!File.Exists(path))
        {
            throw new JournalException($"There is no store at {path}. It is made by the first drill; or name another one.");
        }

        try
        {
            return Open(path, SqliteOpenMode.ReadOnly, Check);
        }
        catch (SqliteException failure) when (
            failure.SqliteErrorCode is SQLitePCL.raw.SQLITE_CANTOPEN or SQLitePCL.raw.SQLITE_READONLY && !File.Exists(path + "-wal"))
        {
            // A store on read-only media: nobody can be writing to it, so its missing shared memory does not matter.
            var address = new UriBuilder { Scheme = "file", Host = "", Path = Path.GetFullPath(path), Query = "immutable=1" };
            return Open(address.Uri.AbsoluteUri, SqliteOpenMode.ReadOnly, Check);
        }

        void Check(SqliteConnection connection)
        {
            if (StoreSchema.Check(connection, path) == 0)
            {
                throw new JournalException($"The store {path} is empty. It is filled by the first drill; or name another one.");
            }
        }
    }

    private static SqliteConnection Open(string source, SqliteOpenMode mode, Action<SqliteConnection> prepare)
    {
        SqliteLibrary.Require();
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = source,
            Mode = mode,
            Pooling = false,
            DefaultTimeout = LockWaitSeconds,
        }.ToString());
        try
        {
            connection.Open();
            StoreSchema.Execute(connection, $"PRAGMA busy_timeout = {LockWaitSeconds * 1000}");
            prepare(connection);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
