using System.Data.Common;
using ChaosDrill.Store;
using Quartz;

namespace ChaosDrill.Worker;

/// <summary>Writes many triggers at once. Quartz asks and writes some six times for each, which for thousands on a server takes most of a minute.</summary>
/// <remarks>
/// A row is a copy of one that Quartz wrote, but for the name and the times, so that what else Quartz keeps in its tables is as Quartz
/// wants it. Source of the columns: Quartz.NET 4.7, database/tables.
/// </remarks>
internal sealed class TriggerRows(Func<DbConnection> open, string set)
{
    /// <summary>Copies a stored trigger for others that differ in their key and their times only.</summary>
    /// <param name="like">The stored one.</param>
    /// <param name="triggers">What is to be stored; one that is there already stays as it is.</param>
    /// <param name="now">From when on they fire.</param>
    public void Copy(TriggerKey like, IEnumerable<ICronTrigger> triggers, DateTimeOffset now)
    {
        // Sorted: two workers that store the same triggers wait for each other, and not each for the other.
        List<(ICronTrigger Trigger, long Next)> due =
        [
            .. triggers.Select(t => (Trigger: t, Next: t.GetFireTimeAfter(now))).Where(t => t.Next is not null)
                .Select(t => (t.Trigger, t.Next!.Value.UtcTicks)).OrderBy(t => t.Trigger.Key.Name, StringComparer.Ordinal),
        ];
        using var connection = open();
        connection.Open();
        var row = Row(connection, like);
        using var transaction = connection.BeginTransaction();

        // Values, and no SELECT of the row that is copied: PostgreSQL keeps a plan that was made for a table of one row, and reads all of them.
        SqlBatch.Run(
            connection,
            $"INSERT INTO qrtz_triggers ({string.Join(", ", row.Select(c => c.Name))}) VALUES ({string.Join(", ", row.Select(c => "@" + c.Name))}) ON CONFLICT DO NOTHING",
            due.Select(t => ((string, object?)[])[.. row.Select(c => ("@" + c.Name, Value(c.Name, c.Value, t.Trigger.Key, t.Next)))]));
        SqlBatch.Run(
            connection,
            """
            INSERT INTO qrtz_cron_triggers (sched_name, trigger_name, trigger_group, cron_expression, time_zone_id)
            VALUES (@set, @name, @group, @cron, @zone)
            ON CONFLICT DO NOTHING
            """,
            due.Select(t => new (string, object?)[]
            {
                ("@set", set), ("@name", t.Trigger.Key.Name), ("@group", t.Trigger.Key.Group), ("@cron", t.Trigger.CronExpressionString), ("@zone", t.Trigger.TimeZone.Id),
            }));
        transaction.Commit();
    }

    private static object? Value(string column, object? copied, TriggerKey key, long next) => column.ToLowerInvariant() switch
    {
        "trigger_name" => key.Name,
        "trigger_group" => key.Group,
        "next_fire_time" => next,

        // The one that is copied may be about to fire, or have fired just now.
        "prev_fire_time" => null,
        "trigger_state" => "WAITING",
        _ => copied,
    };

    private List<(string Name, object? Value)> Row(DbConnection connection, TriggerKey key)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT * FROM qrtz_triggers WHERE sched_name = @set AND trigger_name = @name AND trigger_group = @group";
        foreach (var (name, value) in ((string, string)[])[("@set", set), ("@name", key.Name), ("@group", key.Group)])
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            command.Parameters.Add(parameter);
        }

        using var reader = command.ExecuteReader();
        return reader.Read()
            ? [.. Enumerable.Range(0, reader.FieldCount).Select(i => (reader.GetName(i), reader.IsDBNull(i) ? null : reader.GetValue(i)))]
            : throw new InvalidOperationException($"Quartz has not stored the trigger {key}.");
    }
}
