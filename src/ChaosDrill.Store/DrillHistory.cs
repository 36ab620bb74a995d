using System.Text.Json;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Model.Drills;
using Microsoft.Data.Sqlite;

namespace ChaosDrill.Store;

/// <summary>Reads lines of the history and the undo log.</summary>
internal static class DrillHistory
{
    private const string Columns =
        """
        SELECT id, scenario, cluster, started_ms, header, outcome, reason, undo_complete, last_word,
               CASE WHEN last_word IS NULL THEN (SELECT max(at_ticks) FROM entry WHERE entry.drill = number) END,
               (SELECT count(*) FROM undo WHERE undo.drill = number AND NOT finished),
               (SELECT count(*) FROM undo WHERE undo.drill = number)
        FROM drill
        """;

    private const string Died = "the process died before the drill ended";

    public static List<DrillSummary> List(SqliteConnection connection, HistoryFilter filter)
    {
        using var command = connection.CreateCommand();
        command.CommandText = Columns +
            """
             WHERE ($scenario IS NULL OR scenario = $scenario)
              AND ($cluster IS NULL OR cluster = $cluster)
              AND ($since IS NULL OR started_ms >= $since)
              AND ($until IS NULL OR started_ms <= $until)
              AND ($outcome IS NULL OR outcome IS NULL OR outcome = $outcome)
            ORDER BY started_ms DESC, number DESC
            """;
        command.Parameters.AddWithValue("$scenario", (object?)filter.Scenario ?? DBNull.Value);
        command.Parameters.AddWithValue("$cluster", (object?)filter.Cluster ?? DBNull.Value);
        command.Parameters.AddWithValue("$until", (object?)filter.Until?.ToUnixTimeMilliseconds() ?? DBNull.Value);
        command.Parameters.AddWithValue("$since", (object?)filter.Since?.ToUnixTimeMilliseconds() ?? DBNull.Value);
        command.Parameters.AddWithValue("$outcome", (object?)filter.Outcome?.ToString() ?? DBNull.Value);
        using var reader = command.ExecuteReader();
        List<DrillSummary> drills = [];
        while (drills.Count < filter.Limit && reader.Read())
        {
            // Whether a drill without a last word crashed is not in the file, so the outcome is looked at once more here.
            var drill = Summary(reader);
            if (filter.Outcome is null || drill.Outcome == filter.Outcome)
            {
                drills.Add(drill);
            }
        }

        return drills;
    }

    public static List<DrillSummary> Unfinished(SqliteConnection connection) =>
        connection.List(Columns + " WHERE last_word IS NULL ORDER BY started_ms DESC, number DESC", row => Summary((SqliteDataReader)row));

    public static DrillSummary One(SqliteConnection connection, long number)
    {
        using var command = connection.CreateCommand();
        command.CommandText = Columns + " WHERE number = $number";
        command.Parameters.AddWithValue("$number", number);
        using var reader = command.ExecuteReader();
        reader.Read();
        return Summary(reader);
    }

    public static List<OutstandingUndo> OutstandingUndos(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText =
            """
            SELECT drill.id, undo.id, kind, description, payload, expires_ms, header, last_word
            FROM undo JOIN drill ON drill.number = undo.drill
            WHERE NOT finished ORDER BY started_ms, number, undo.id DESC
            """;
        using var reader = command.ExecuteReader();
        List<OutstandingUndo> undos = [];
        while (reader.Read())
        {
            undos.Add(new OutstandingUndo(
                new UndoRecord(
                    reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetString(3), reader.GetString(4),
                    DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(5))),
                State(reader.GetString(6), hasEnded: !reader.IsDBNull(7))));
        }

        return undos;
    }

    private static DrillSummary Summary(SqliteDataReader row)
    {
        var hasEnded = !row.IsDBNull(8);
        var state = State(row.GetString(4), hasEnded);
        var end = hasEnded ? JsonSerializer.Deserialize(row.GetString(8), DrillJson.Default.DrillEnd) : null;
        var (open, recorded) = (row.GetInt64(10), row.GetInt64(11));
        return new DrillSummary
        {
            Id = row.GetString(0),
            Scenario = row.GetString(1),
            Cluster = row.GetString(2),
            StartedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(3)),
            Duration = end?.At ?? (row.IsDBNull(9) ? null : new TimeSpan(row.GetInt64(9))),
            State = state,
            Outcome = state switch
            {
                DrillState.Ended => Enum.Parse<DrillOutcome>(row.GetString(5)),
                DrillState.Crashed => DrillOutcome.Inconclusive,
                _ => null,
            },
            Reason = state switch
            {
                DrillState.Ended => row.GetString(6),
                DrillState.Crashed => Died,
                _ => null,
            },

            // A last word of "not undone" is overtaken when somebody has gone every way back since.
            UndoComplete = open == 0 && (end is null || end.UndoComplete || recorded > 0),
        };
    }

    private static DrillState State(string headerJson, bool hasEnded)
    {
        if (hasEnded)
        {
            return DrillState.Ended;
        }

        // Only this member is read: a history must not fail over one header of another form.
        using var header = JsonDocument.Parse(headerJson);
        if (!header.RootElement.TryGetProperty("process", out var process)
            || process.Deserialize(DrillJson.Default.DrillProcess) is not { } owner)
        {
            return DrillState.Unknown;
        }

        return LocalProcess.IsAlive(owner) switch
        {
            true => DrillState.Running,
            false => DrillState.Crashed,
            null => DrillState.Unknown,
        };
    }
}
