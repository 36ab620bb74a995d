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
        var columns = Columns(connection);
        using var transaction = connection.BeginTransaction();
        SqlBatch.Run(
            connection,
            $"""
            INSERT INTO qrtz_triggers ({string.Join(", ", columns)})
            SELECT {string.Join(", ", columns.Select(Value))} FROM qrtz_triggers
            WHERE sched_name = @set AND trigger_name = @likeName AND trigger_group = @likeGroup
            ON CONFLICT DO NOTHING
            """,
            due.Select(t => new (string, object?)[]
            {
                ("@set", set), ("@likeName", like.Name), ("@likeGroup", like.Group), ("@name", t.Trigger.Key.Name), ("@group", t.Trigger.Key.Group), ("@next", t.Next),
            }));
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

    private static string Value(string column) => column.ToLowerInvariant() switch
    {
        "trigger_name" => "@name",
        "trigger_group" => "@group",
        "next_fire_time" => "@next",

        // The one that is copied may be about to fire, or have fired just now.
        "prev_fire_time" => "NULL",
        "trigger_state" => "'WAITING'",
        _ => column,
    };

    private static List<string> Columns(DbConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT * FROM qrtz_triggers WHERE 1 = 0";
        using var reader = command.ExecuteReader();
        return [.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetName)];
    }
}
