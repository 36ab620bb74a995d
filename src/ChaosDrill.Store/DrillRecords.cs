using System.Data.Common;
using System.Text.Json;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Store;

/// <summary>Reads whole drills back.</summary>
internal static class DrillRecords
{
    /// <summary>Reads a drill; its timeline is ordered by instant, then by order of recording.</summary>
    /// <exception cref="JournalException">Something stored cannot be understood.</exception>
    public static DrillRecord Read(DbConnection connection, long number)
    {
        var (id, headerJson, endJson) = connection.List(
            "SELECT id, header, last_word FROM drill WHERE number = @number", row => (row.GetString(0), row.GetString(1), row.Text(2)), ("@number", number)).Single();
        var header = Parse($"the header of drill {id}", () => JsonSerializer.Deserialize(headerJson, DrillJson.Default.DrillHeader));
        var end = endJson is null ? null : Parse($"the last word of drill {id}", () => JsonSerializer.Deserialize(endJson, DrillJson.Default.DrillEnd));
        return new DrillRecord(header, Timeline(connection, number, id), end);
    }

    /// <summary>Headers and judgements of drills that have ended; one that this version cannot read is left out, for it is only there to compare with.</summary>
    public static List<(DrillHeader Header, Judgement Judgement)> Judgements(DbConnection connection, IReadOnlyList<string> ids)
    {
        List<(DrillHeader, Judgement)> found = [];
        foreach (var id in ids)
        {
            foreach (var (headerJson, judgementJson) in connection.List(
                "SELECT header, judgement FROM drill WHERE id = @id AND judgement IS NOT NULL", row => (row.GetString(0), row.GetString(1)), ("@id", id)))
            {
                try
                {
                    found.Add((JsonSerializer.Deserialize(headerJson, DrillJson.Default.DrillHeader)!, JsonSerializer.Deserialize(judgementJson, DrillJson.Default.Judgement)!));
                }
                catch (Exception failure) when (failure is JsonException or NotSupportedException)
                {
                    // Of another form.
                }
            }
        }

        return found;
    }

    /// <summary>Entries of a drill after one, in order of recording.</summary>
    public static List<TimelineEntry> After(DbConnection connection, string id, long sequence) => connection.List(
        "SELECT sequence, at_ticks, event FROM entry WHERE drill = (SELECT number FROM drill WHERE id = @id) AND sequence > @sequence ORDER BY sequence",
        row => Entry(row, id),
        ("@id", id), ("@sequence", sequence));

    private static List<TimelineEntry> Timeline(DbConnection connection, long number, string id) => connection.List(
        "SELECT sequence, at_ticks, event FROM entry WHERE drill = @number ORDER BY at_ticks, sequence", row => Entry(row, id), ("@number", number));

    private static TimelineEntry Entry(DbDataReader row, string id) => new(row.GetInt64(0), new TimeSpan(row.GetInt64(1)), Parse(
        $"timeline entry {row.GetInt64(0)} of drill {id}", () => JsonSerializer.Deserialize(row.GetString(2), DrillJson.Default.TimelineEvent)));

    private static T Parse<T>(string what, Func<T?> read)
        where T : class
    {
        try
        {
            return read() ?? throw new JsonException("null");
        }
        catch (Exception failure) when (failure is JsonException or NotSupportedException)
        {
            throw new JournalException(
                $"Cannot understand {what}: {failure.Message} It may come from a newer ChaosDrill, or the store is damaged.", failure);
        }
    }
}
