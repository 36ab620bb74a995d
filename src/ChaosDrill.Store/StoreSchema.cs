using ChaosDrill.Engine.Ports;
using Microsoft.Data.Sqlite;

namespace ChaosDrill.Store;

/// <summary>The tables of a store and their version.</summary>
internal static class StoreSchema
{
    /// <summary>Form that this program writes; in a file it stands in PRAGMA user_version. Every change of the tables is another.</summary>
    internal const int Version = 4;

    /// <summary><c>CHDR</c> in PRAGMA application_id: tells a store from another program's database.</summary>
    private const int ApplicationId = 0x43484452;

    // A timeline entry is one row. Without a rowid the rows of a drill lie together in the order they are read in.
    private const string Tables =
        """
        CREATE TABLE drill (
          number        INTEGER PRIMARY KEY,
          id            TEXT    NOT NULL UNIQUE,
          scenario      TEXT    NOT NULL,
          cluster       TEXT    NOT NULL,
          started_ms    INTEGER NOT NULL,
          header        TEXT    NOT NULL,
          outcome       TEXT,
          reason        TEXT,
          undo_complete INTEGER,
          last_word     TEXT,
          judgement     TEXT
        ) STRICT;
        CREATE INDEX drill_started ON drill (started_ms DESC);
        CREATE TABLE entry (
          drill    INTEGER NOT NULL REFERENCES drill (number),
          sequence INTEGER NOT NULL,
          at_ticks INTEGER NOT NULL,
          event    TEXT    NOT NULL,
          PRIMARY KEY (drill, sequence)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE undo (
          drill       INTEGER NOT NULL REFERENCES drill (number),
          id          TEXT    NOT NULL,
          kind        TEXT    NOT NULL,
          description TEXT    NOT NULL,
          payload     TEXT    NOT NULL,
          expires_ms  INTEGER NOT NULL,
          finished    INTEGER NOT NULL DEFAULT 0,
          PRIMARY KEY (drill, id)
        ) STRICT, WITHOUT ROWID;
        """;

    private const string WorkerTables =
        """
        ALTER TABLE drill ADD COLUMN owner TEXT;
        CREATE TABLE firing (
          id            TEXT    NOT NULL PRIMARY KEY,
          scenario      TEXT    NOT NULL,
          asked_by      TEXT    NOT NULL,
          scheduled_ms  INTEGER NOT NULL,
          due_ms        INTEGER NOT NULL,
          cluster       TEXT,
          namespace     TEXT    NOT NULL,
          whole_cluster INTEGER NOT NULL,
          state         TEXT    NOT NULL,
          owner         TEXT,
          drill         TEXT,
          reason        TEXT,
          changed_ms    INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX firing_open ON firing (scheduled_ms) WHERE state IN ('Claimed', 'Begun');
        CREATE INDEX firing_newest ON firing (scheduled_ms DESC);
        CREATE TABLE pause (
          scenario TEXT    NOT NULL PRIMARY KEY,
          asked_by TEXT    NOT NULL,
          reason   TEXT    NOT NULL,
          since_ms INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE kept_scenario (
          file TEXT NOT NULL PRIMARY KEY,
          text TEXT NOT NULL
        ) STRICT;
        """;

    // Who owns a drill shows a number, which rises with every owner: whoever has an older one writes no more.
    private const string ClusterTables =
        """
        ALTER TABLE drill ADD COLUMN fence INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE firing ADD COLUMN fence INTEGER NOT NULL DEFAULT 0;
        CREATE TABLE worker (
          name    TEXT    NOT NULL PRIMARY KEY,
          beats   INTEGER NOT NULL,
          beat_ms INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE word (
          number  INTEGER PRIMARY KEY,
          drill   TEXT    NOT NULL,
          verb    TEXT    NOT NULL,
          said_by TEXT    NOT NULL,
          reason  TEXT    NOT NULL
        ) STRICT;
        CREATE INDEX word_drill ON word (drill);
        """;

    // Workers of several sets may share a store; what several workers see is told by one.
    private const string SetTables =
        """
        ALTER TABLE firing ADD COLUMN worker_set TEXT NOT NULL DEFAULT 'chaosdrill';
        ALTER TABLE worker ADD COLUMN worker_set TEXT NOT NULL DEFAULT 'chaosdrill';
        ALTER TABLE worker ADD COLUMN scenarios TEXT NOT NULL DEFAULT '';
        CREATE TABLE notice (
          subject TEXT    NOT NULL PRIMARY KEY,
          told_by TEXT    NOT NULL,
          told_ms INTEGER NOT NULL
        ) STRICT;
        """;

    /// <summary>What each form adds to the one before, in SQLite's words.</summary>
    internal static IReadOnlyList<string> Forms { get; } = [Tables, WorkerTables, ClusterTables, SetTables];

    /// <summary>Creates the tables in an empty file; the file and its folder's entry are synced to disk.</summary>
    public static void Create(SqliteConnection connection, string path)
    {
        // In WAL mode from the start, a power cut could leave the folder without the file: the rollback journal syncs both.
        Execute(connection, "PRAGMA synchronous = FULL");
        using (var transaction = connection.BeginTransaction())
        {
            // Another process may have been quicker.
            if (Number(connection, "PRAGMA user_version") == 0)
            {
                RefuseForeign(connection, path);
                Execute(connection, $"{string.Join(' ', Forms)} PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {Version};");
            }

            transaction.Commit();
        }

        Execute(connection, "PRAGMA journal_mode = WAL");
    }

    /// <summary>Brings the tables of an older form to this one; all of it or nothing.</summary>
    public static void Upgrade(SqliteConnection connection)
    {
        using var transaction = connection.BeginTransaction();

        // Another process may have been quicker.
        var form = (int)Number(connection, "PRAGMA user_version");
        if (form < Version)
        {
            Execute(connection, $"{string.Join(' ', Forms.Skip(form))} PRAGMA user_version = {Version};");
        }

        transaction.Commit();
    }

    /// <summary>Reads the version of the tables; 0 for an empty file.</summary>
    /// <exception cref="JournalException">The tables are those of a newer ChaosDrill, or of another program.</exception>
    public static int Check(SqliteConnection connection, string path)
    {
        // In one transaction: another process may be creating the tables between one look and the next.
        using var look = connection.BeginTransaction(deferred: true);
        var version = Number(connection, "PRAGMA user_version");
        if (version == 0)
        {
            RefuseForeign(connection, path);
            return 0;
        }

        if (Number(connection, "PRAGMA application_id") != ApplicationId)
        {
            throw Foreign(path);
        }

        if (version > Version)
        {
            throw Newer(path, version);
        }

        return (int)version;
    }

    /// <summary>Tables that this program does not know.</summary>
    internal static JournalException Newer(string place, long form) => new(
        $"The store {place} was written by a newer ChaosDrill: its form is {form}, this program knows forms up to {Version}. " +
        "Use that newer ChaosDrill, or choose another store.");

    internal static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static void RefuseForeign(SqliteConnection connection, string path)
    {
        if (Number(connection, "SELECT count(*) FROM sqlite_master") > 0)
        {
            throw Foreign(path);
        }
    }

    private static JournalException Foreign(string path) => new(
        $"The file {path} is a SQLite database of another program. Choose another path for the store; the file was left as it is.");

    private static long Number(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }
}
