using System.Data.Common;
using System.Text.Json;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Model.Drills;

namespace ChaosDrill.Store;

/// <summary>Reads lines of the history and the undo log.</summary>
internal static class DrillHistory
{
    private const string Died = "the process died before the drill ended";

    public static List<DrillSummary> List(DbConnection connection, HistoryFilter filter)
    {
        // Whether a drill without a last word crashed is not in the store, so the outcome is looked at once more here.
        var drills = connection.Each(
            Columns(connection) +
            """
             WHERE (CAST(@scenario AS TEXT) IS NULL OR scenario = @scenario)
              AND (CAST(@cluster AS TEXT) IS NULL OR cluster = @cluster)
              AND started_ms >= @since AND started_ms <= @until
              AND (CAST(@outcome AS TEXT) IS NULL OR outcome IS NULL OR outcome = @outcome)
            ORDER BY started_ms DESC, number DESC LIMIT @limit
            """,
            Summary,
            ("@scenario", filter.Scenario), ("@cluster", filter.Cluster), ("@outcome", filter.Outcome?.ToString()),
            ("@since", filter.Since?.ToUnixTimeMilliseconds() ?? long.MinValue), ("@until", filter.Until?.ToUnixTimeMilliseconds() ?? long.MaxValue),
            ("@limit", filter.Outcome is null ? filter.Limit : long.MaxValue));
        return [.. drills.Where(d => filter.Outcome is null || d.Outcome == filter.Outcome).Take(filter.Limit)];
    }

    public static List<DrillSummary> Unfinished(DbConnection connection) =>
        connection.List(Columns(connection) + " WHERE last_word IS NULL ORDER BY started_ms DESC, number DESC", Summary);

    public static DrillSummary One(DbConnection connection, long number) =>
        connection.List(Columns(connection) + " WHERE number = @number", Summary, ("@number", number)).Single();

    public static List<OutstandingUndo> OutstandingUndos(DbConnection connection) => connection.List(
        $"""
        SELECT drill.id, undo.id, kind, description, payload, expires_ms, header, last_word, {SqlDialect.Of(connection).Alive}
        FROM undo JOIN drill ON drill.number = undo.drill
        WHERE finished = 0 ORDER BY started_ms, number, undo.id DESC
        """,
        row => new OutstandingUndo(
            new UndoRecord(row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.Time(5)),
            State(row.GetString(6), hasEnded: !row.IsDBNull(7), isAlive: row.GetInt64(8) == 1)));

    public static List<UndoRecord> UndosOf(DbConnection connection, string drillId) => connection.List(
        """
        SELECT drill.id, undo.id, kind, description, payload, expires_ms
        FROM undo JOIN drill ON drill.number = undo.drill WHERE drill.id = @id ORDER BY undo.id DESC
        """,
        row => new UndoRecord(row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.Time(5)),
        ("@id", drillId));

    private static string Columns(DbConnection connection) =>
        $"""
        SELECT id, scenario, cluster, started_ms, header, outcome, reason, undo_complete, last_word,
               CASE WHEN last_word IS NULL THEN (SELECT max(at_ticks) FROM entry WHERE entry.drill = number) END,
               (SELECT count(*) FROM undo WHERE undo.drill = number AND finished = 0),
               (SELECT count(*) FROM undo WHERE undo.drill = number),
               {SqlDialect.Of(connection).Alive}
        FROM drill
        """;

    private static DrillSummary Summary(DbDataReader row)
    {
        var hasEnded = !row.IsDBNull(8);
        var state = State(row.GetString(4), hasEnded, row.GetInt64(12) == 1);
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

    private static DrillState State(string headerJson, bool hasEnded, bool isAlive)
    {
        if (hasEnded || isAlive)
        {
            return hasEnded ? DrillState.Ended : DrillState.Running;
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
