using System.Text.Json;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Timelines;
using Microsoft.Data.Sqlite;

namespace ChaosDrill.Store;

/// <summary>Reads whole drills back.</summary>
internal static class DrillRecords
{
    /// <summary>Reads a drill; its timeline is ordered by instant, then by order of recording.</summary>
    /// <exception cref="JournalException">Something stored cannot be understood.</exception>
    public static DrillRecord Read(SqliteConnection connection, long number)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT id, header, last_word FROM drill WHERE number = $number";
        command.Parameters.AddWithValue("$number", number);
        using var reader = command.ExecuteReader();
        reader.Read();
        var id = reader.GetString(0);
        var header = Parse($"the header of drill {id}", () => JsonSerializer.Deserialize(reader.GetString(1), DrillJson.Default.DrillHeader));
        var end = reader.IsDBNull(2)
            ? null
            : Parse($"the last word of drill {id}", () => JsonSerializer.Deserialize(reader.GetString(2), DrillJson.Default.DrillEnd));
        return new DrillRecord(header, Timeline(connection, number, id), end);
    }

    /// <summary>Headers and judgements of drills that have ended; one that this version cannot read is left out, for it is only there to compare with.</summary>
    public static List<(DrillHeader Header, Judgement Judgement)> Judgements(SqliteConnection connection, IReadOnlyList<string> ids)
    {
        List<(DrillHeader, Judgement)> found = [];
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT header, judgement FROM drill WHERE id = $id AND judgement IS NOT NULL";
        var id = command.Parameters.AddWithValue("$id", "");
        foreach (var wanted in ids)
        {
            id.Value = wanted;
            using var reader = command.ExecuteReader();
            try
            {
                if (reader.Read()
                    && JsonSerializer.Deserialize(reader.GetString(0), DrillJson.Default.DrillHeader) is { } header
                    && JsonSerializer.Deserialize(reader.GetString(1), DrillJson.Default.Judgement) is { } judgement)
                {
                    found.Add((header, judgement));
                }
            }
            catch (Exception failure) when (failure is JsonException or NotSupportedException)
            {
                // Of another form.
            }
        }

        return found;
    }

    private static List<TimelineEntry> Timeline(SqliteConnection connection, long number, string id)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT sequence, at_ticks, event FROM entry WHERE drill = $number ORDER BY at_ticks, sequence";
        command.Parameters.AddWithValue("$number", number);
        using var reader = command.ExecuteReader();
        List<TimelineEntry> entries = [];
        while (reader.Read())
        {
            var sequence = reader.GetInt64(0);
            var seen = Parse(
                $"timeline entry {sequence} of drill {id}",
                () => JsonSerializer.Deserialize(reader.GetString(2), DrillJson.Default.TimelineEvent));
            entries.Add(new TimelineEntry(sequence, new TimeSpan(reader.GetInt64(1)), seen));
        }

        return entries;
    }

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
