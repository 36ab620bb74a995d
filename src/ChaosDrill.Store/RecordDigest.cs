using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;

namespace ChaosDrill.Store;

/// <summary>The digest of a drill's record as it is stored: not of what this version reads from it, so that it stays the same in later versions.</summary>
internal static class RecordDigest
{
    /// <summary>
    /// SHA-256, in lower-case hex, over lines in UTF-8: the id, the header, each entry in order of recording
    /// (<c>sequence, TAB, instant in ticks of 100 ns, TAB, event</c>), and the last word if there is one. Stored texts are JSON on one line.
    /// </summary>
    public static string Of(SqliteConnection connection, long number)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        void Line(string text) => hash.AppendData(Encoding.UTF8.GetBytes(text + "\n"));
        using var drill = Query(connection, "SELECT id, header, last_word FROM drill WHERE number = $number", number);
        using var row = drill.ExecuteReader();
        row.Read();
        Line(row.GetString(0));
        Line(row.GetString(1));
        using var entries = Query(connection, "SELECT sequence, at_ticks, event FROM entry WHERE drill = $number ORDER BY sequence", number);
        using var entry = entries.ExecuteReader();
        while (entry.Read())
        {
            Line(string.Create(CultureInfo.InvariantCulture, $"{entry.GetInt64(0)}\t{entry.GetInt64(1)}\t{entry.GetString(2)}"));
        }

        if (!row.IsDBNull(2))
        {
            Line(row.GetString(2));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static SqliteCommand Query(SqliteConnection connection, string sql, long number)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        command.Parameters.AddWithValue("$number", number);
        return command;
    }
}
