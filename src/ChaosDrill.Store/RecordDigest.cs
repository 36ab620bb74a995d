using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ChaosDrill.Store;

/// <summary>The digest of a drill's record as it is stored: not of what this version reads from it, so that it stays the same in later versions.</summary>
internal static class RecordDigest
{
    /// <summary>
    /// SHA-256, in lower-case hex, over lines in UTF-8: the id, the header, each entry in order of recording
    /// (<c>sequence, TAB, instant in ticks of 100 ns, TAB, event</c>), and the last word if there is one. Stored texts are JSON on one line.
    /// </summary>
    public static string Of(DbConnection connection, long number)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        void Line(string text) => hash.AppendData(Encoding.UTF8.GetBytes(text + "\n"));
        var (id, header, lastWord) = connection.List(
            "SELECT id, header, last_word FROM drill WHERE number = @number", row => (row.GetString(0), row.GetString(1), row.Text(2)), ("@number", number)).Single();
        Line(id);
        Line(header);
        foreach (var entry in connection.Each(
            "SELECT sequence, at_ticks, event FROM entry WHERE drill = @number ORDER BY sequence",
            row => string.Create(CultureInfo.InvariantCulture, $"{row.GetInt64(0)}\t{row.GetInt64(1)}\t{row.GetString(2)}"),
            ("@number", number)))
        {
            Line(entry);
        }

        if (lastWord is not null)
        {
            Line(lastWord);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
