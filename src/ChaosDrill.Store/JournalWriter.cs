using System.Data.Common;
using System.Text.Json;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Store;

/// <summary>The writing side of a store, on one connection. Not thread-safe.</summary>
/// <param name="connection">Stays the caller's to dispose.</param>
/// <param name="commit">Runs a change in one transaction, synced to disk or not.</param>
/// <remarks>
/// Whoever runs a drill for a firing shows the fence that it was claimed with. It is looked at in the statement or the
/// transaction that writes, so that nothing is written after another one has taken the drill over. Without one
/// (<see cref="Unfenced"/>), nothing is looked at.
/// </remarks>
internal sealed class JournalWriter(DbConnection connection, Action<bool, Action> commit) : IDisposable
{
    /// <summary>Stands for no fence.</summary>
    public const long Unfenced = -1;

    private readonly string _shared = SqlDialect.Of(connection).Shared;
    private DbCommand? _insert;

    /// <summary>Begins a drill, and notes it at the firing that it is of.</summary>
    public void Begin(DrillHeader header, Firing? of) => commit(of is not null, () =>
    {
        if (connection.Run(
            """
            INSERT INTO drill (id, scenario, cluster, started_ms, header)
            VALUES (@id, @scenario, @cluster, @started, @header)
            ON CONFLICT (id) DO NOTHING
            """,
            ("@id", header.Id),
            ("@scenario", header.Scenario),
            ("@cluster", header.Plan.Cluster.Name),
            ("@started", header.StartedAt.ToUnixTimeMilliseconds()),
            ("@header", JsonSerializer.Serialize(header, DrillJson.Default.DrillHeader))) == 0)
        {
            throw new JournalException($"Drill {header.Id} is in the store already. Every drill needs an id of its own.");
        }

        if (of is not null)
        {
            FiringLedger.Begin(connection, of, header.Id);
        }
    });

    // A running drill writes one entry at a time, thousands of them: one statement is a transaction of its own.
    public void Append(string drillId, long fence, IReadOnlyList<TimelineEntry> entries)
    {
        if (entries is [var single])
        {
            Insert(drillId, fence, single);
            return;
        }

        commit(false, () =>
        {
            foreach (var entry in entries)
            {
                Insert(drillId, fence, entry);
            }
        });
    }

    // Synced: the change that follows must never outlive the memory of how to put it back.
    public void RecordUndo(UndoRecord undo, long fence) => commit(true, () => connection.Run(
        """
        INSERT INTO undo (drill, id, kind, description, payload, expires_ms)
        VALUES (@drill, @id, @kind, @description, @payload, @expires)
        """,
        ("@drill", Number(undo.DrillId, fence)),
        ("@id", undo.Id),
        ("@kind", undo.Kind),
        ("@description", undo.Description),
        ("@payload", undo.Payload),
        ("@expires", undo.ExpiresAt.ToUnixTimeMilliseconds())));

    // Not synced: going a way back twice does no harm.
    public void FinishUndo(string drillId, string undoId, long fence) => commit(false, () =>
    {
        if (connection.Run("UPDATE undo SET finished = 1 WHERE drill = @drill AND id = @id", ("@drill", Number(drillId, fence)), ("@id", undoId)) == 0)
        {
            throw new JournalException($"Drill {drillId} has recorded no undo {undoId}.");
        }
    });

    public void End(string drillId, DrillEnd end, Judgement judgement, long fence) => commit(true, () =>
    {
        if (connection.Run(
            """
            UPDATE drill SET outcome = @outcome, reason = @reason, undo_complete = @complete, last_word = @end, judgement = @judgement
            WHERE number = @drill AND last_word IS NULL
            """,
            ("@drill", Number(drillId, fence)),
            ("@outcome", judgement.Outcome.ToString()),
            ("@reason", judgement.Reason),
            ("@complete", end.UndoComplete ? 1L : 0L),
            ("@end", JsonSerializer.Serialize(end, DrillJson.Default.DrillEnd)),
            ("@judgement", JsonSerializer.Serialize(judgement, DrillJson.Default.Judgement))) == 0)
        {
            throw new JournalException($"Drill {drillId} has its last word already.");
        }
    });

    /// <summary>Runs a change in a transaction that is on disk when this returns.</summary>
    public T Change<T>(Func<DbConnection, T> change)
    {
        var result = default(T)!;
        commit(true, () => result = change(connection));
        return result;
    }

    // In one transaction, so that a drill is there whole or not at all. What still needs its undo log stays, whatever was asked.
    public int Delete(IReadOnlyList<string> drillIds)
    {
        var deleted = 0;
        commit(true, () =>
        {
            foreach (var id in drillIds)
            {
                var number = connection.Number(
                    "SELECT number FROM drill WHERE id = @id AND NOT EXISTS (SELECT 1 FROM undo WHERE undo.drill = drill.number AND finished = 0)", ("@id", id));
                if (number is { } settled)
                {
                    connection.Run("DELETE FROM entry WHERE drill = @drill", ("@drill", settled));
                    connection.Run("DELETE FROM undo WHERE drill = @drill", ("@drill", settled));
                    deleted += connection.Run("DELETE FROM drill WHERE number = @drill", ("@drill", settled));
                }
            }
        });
        return deleted;
    }

    /// <summary>A drill that somebody else has taken over.</summary>
    public static ClaimLostException Lost(string drillId) => new($"Drill {drillId} is another worker's by now: it took this one for dead.");

    public void Dispose() => _insert?.Dispose();

    private void Insert(string drillId, long fence, TimelineEntry entry)
    {
        // Prepared once: a file's writer stays for thousands of entries.
        _insert ??= connection.Command(
            "INSERT INTO entry (drill, sequence, at_ticks, event) SELECT number, @sequence, @at, @event FROM drill WHERE id = @id AND @fence IN (-1, fence)" + _shared,
            ("@sequence", 0L), ("@at", 0L), ("@event", ""), ("@id", ""), ("@fence", Unfenced));
        _insert.Parameters["@sequence"].Value = entry.Sequence;
        _insert.Parameters["@at"].Value = entry.At.Ticks;
        _insert.Parameters["@event"].Value = JsonSerializer.Serialize(entry.Event, DrillJson.Default.TimelineEvent);
        _insert.Parameters["@id"].Value = drillId;
        _insert.Parameters["@fence"].Value = fence;
        if (_insert.ExecuteNonQuery() == 0)
        {
            _ = Number(drillId, fence);
        }
    }

    /// <summary>The drill's number, where it is still the writer's.</summary>
    private long Number(string drillId, long fence)
    {
        var found = connection.List(
            "SELECT number, fence FROM drill WHERE id = @id" + _shared, row => (Number: row.GetInt64(0), Fence: row.GetInt64(1)), ("@id", drillId));
        return found switch
        {
            [] => throw new JournalException($"Drill {drillId} was never begun in this store."),
            [var drill] when fence == Unfenced || drill.Fence == fence => drill.Number,
            _ => throw Lost(drillId),
        };
    }
}
