using System.Globalization;
using System.Text.Json;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Timelines;
using Microsoft.Data.Sqlite;

namespace ChaosDrill.Store;

/// <summary>The writing side of a store: prepared statements on one connection. Not thread-safe.</summary>
internal sealed class JournalWriter(SqliteConnection connection) : IDisposable
{
    private readonly Dictionary<string, long> numbers = [];
    private readonly SqliteCommand insertEntry = Prepare(
        connection, "INSERT INTO entry (drill, sequence, at_ticks, event) VALUES ($drill, $sequence, $at, $event)",
        "$drill", "$sequence", "$at", "$event");

    internal SqliteConnection Connection => connection;

    /// <summary>Begins a drill, and notes it at the firing that it is of.</summary>
    public void Begin(DrillHeader header, (string Firing, string Owner)? of) => Commit(synced: of is not null, () =>
    {
        if (TryNumber(header.Id) is not null)
        {
            throw new JournalException($"Drill {header.Id} is in the store already. Every drill needs an id of its own.");
        }

        Run(
            """
            INSERT INTO drill (id, scenario, cluster, started_ms, header)
            VALUES ($id, $scenario, $cluster, $started, $header)
            """,
            ("$id", header.Id),
            ("$scenario", header.Scenario),
            ("$cluster", header.Plan.Cluster.Name),
            ("$started", header.StartedAt.ToUnixTimeMilliseconds()),
            ("$header", JsonSerializer.Serialize(header, DrillJson.Default.DrillHeader)));
        if (of is var (firing, owner))
        {
            FiringLedger.Begin(connection, firing, owner, header.Id);
        }
    });

    // A running drill writes one entry at a time, thousands of them: one statement is a transaction of its own.
    public void Append(string drillId, IReadOnlyList<TimelineEntry> entries)
    {
        if (entries is [var single])
        {
            Insert(Number(drillId), single);
            return;
        }

        Commit(synced: false, () =>
        {
            var drill = Number(drillId);
            foreach (var entry in entries)
            {
                Insert(drill, entry);
            }
        });
    }

    // Synced: the change that follows must never outlive the memory of how to put it back.
    public void RecordUndo(UndoRecord undo) => Commit(synced: true, () => Run(
        """
        INSERT INTO undo (drill, id, kind, description, payload, expires_ms)
        VALUES ($drill, $id, $kind, $description, $payload, $expires)
        """,
        ("$drill", Number(undo.DrillId)),
        ("$id", undo.Id),
        ("$kind", undo.Kind),
        ("$description", undo.Description),
        ("$payload", undo.Payload),
        ("$expires", undo.ExpiresAt.ToUnixTimeMilliseconds())));

    // Not synced: going a way back twice does no harm.
    public void FinishUndo(string drillId, string undoId) => Commit(synced: false, () =>
    {
        var rows = Run("UPDATE undo SET finished = 1 WHERE drill = $drill AND id = $id", ("$drill", Number(drillId)), ("$id", undoId));
        if (rows == 0)
        {
            throw new JournalException($"Drill {drillId} has recorded no undo {undoId}.");
        }
    });

    public void End(string drillId, DrillEnd end, Judgement judgement) => Commit(synced: true, () =>
    {
        var rows = Run(
            """
            UPDATE drill SET outcome = $outcome, reason = $reason, undo_complete = $complete, last_word = $end, judgement = $judgement
            WHERE number = $drill AND last_word IS NULL
            """,
            ("$drill", Number(drillId)),
            ("$outcome", judgement.Outcome.ToString()),
            ("$reason", judgement.Reason),
            ("$complete", end.UndoComplete ? 1 : 0),
            ("$end", JsonSerializer.Serialize(end, DrillJson.Default.DrillEnd)),
            ("$judgement", JsonSerializer.Serialize(judgement, DrillJson.Default.Judgement)));
        if (rows == 0)
        {
            throw new JournalException($"Drill {drillId} has its last word already.");
        }
    });

    /// <summary>Runs a change in a transaction that is on disk when this returns.</summary>
    public T Change<T>(Func<SqliteConnection, T> change)
    {
        var result = default(T)!;
        Commit(synced: true, () => result = change(connection));
        return result;
    }

    // In one transaction, so that a drill is there whole or not at all. What still needs its undo log stays, whatever was asked.
    public int Delete(IReadOnlyList<string> drillIds)
    {
        var deleted = 0;
        Commit(synced: true, () =>
        {
            foreach (var number in drillIds.Select(TryNumber).OfType<long>())
            {
                const string Settled = "NOT EXISTS (SELECT 1 FROM undo AS open WHERE open.drill = $drill AND NOT open.finished)";
                Run($"DELETE FROM entry WHERE drill = $drill AND {Settled}", ("$drill", number));
                Run($"DELETE FROM undo WHERE drill = $drill AND {Settled}", ("$drill", number));
                deleted += Run($"DELETE FROM drill WHERE number = $drill AND {Settled}", ("$drill", number));
            }

            numbers.Clear();
        });
        return deleted;
    }

    public void Dispose()
    {
        insertEntry.Dispose();
        connection.Dispose();
    }

    private void Insert(long drill, TimelineEntry entry)
    {
        insertEntry.Parameters["$drill"].Value = drill;
        insertEntry.Parameters["$sequence"].Value = entry.Sequence;
        insertEntry.Parameters["$at"].Value = entry.At.Ticks;
        insertEntry.Parameters["$event"].Value = JsonSerializer.Serialize(entry.Event, DrillJson.Default.TimelineEvent);
        insertEntry.ExecuteNonQuery();
    }

    private static SqliteCommand Prepare(SqliteConnection connection, string sql, params ReadOnlySpan<string> parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var name in parameters)
        {
            command.Parameters.Add(new SqliteParameter(name, null));
        }

        command.Prepare();
        return command;
    }

    private void Commit(bool synced, Action act)
    {
        if (synced)
        {
            StoreSchema.Execute(connection, "PRAGMA synchronous = FULL");
        }

        try
        {
            Transact(act);
        }
        finally
        {
            if (synced)
            {
                StoreSchema.Execute(connection, "PRAGMA synchronous = NORMAL");
            }
        }
    }

    // Not SqliteTransaction: a full disk makes SQLite roll back by itself, after which that class fails on every later use.
    private void Transact(Action act)
    {
        StoreSchema.Execute(connection, "BEGIN IMMEDIATE");
        try
        {
            act();
            StoreSchema.Execute(connection, "COMMIT");
        }
        catch
        {
            if (SQLitePCL.raw.sqlite3_get_autocommit(connection.Handle) == 0)
            {
                StoreSchema.Execute(connection, "ROLLBACK");
            }

            throw;
        }
    }

    private int Run(string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return command.ExecuteNonQuery();
    }

    private long Number(string drillId) => TryNumber(drillId)
        ?? throw new JournalException($"Drill {drillId} was never begun in this store.");

    private long? TryNumber(string drillId)
    {
        if (numbers.TryGetValue(drillId, out var known))
        {
            return known;
        }

        using var command = connection.CreateCommand();
        command.CommandText = "SELECT number FROM drill WHERE id = $id";
        command.Parameters.AddWithValue("$id", drillId);
        if (command.ExecuteScalar() is not { } found)
        {
            return null;
        }

        numbers[drillId] = Convert.ToInt64(found, CultureInfo.InvariantCulture);
        return numbers[drillId];
    }
}
