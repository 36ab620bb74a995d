using System.Globalization;
using System.Text;

namespace ChaosDrill.Views;

/// <summary>Tables as comma-separated values, RFC 4180: a heading line, CRLF, quotes where they are needed.</summary>
internal static class Csv
{
    /// <summary>Writes a table.</summary>
    /// <param name="columns">Names of the columns.</param>
    /// <param name="rows">Texts, numbers, truth values and instants; null is an empty cell.</param>
    public static string Of(IEnumerable<string> columns, IEnumerable<IEnumerable<object?>> rows)
    {
        var text = new StringBuilder();
        foreach (var row in rows.Prepend(columns))
        {
            text.AppendJoin(',', row.Select(Cell)).Append("\r\n");
        }

        return text.ToString();
    }

    private static string Cell(object? value) => value switch
    {
        null => "",
        string text => Text(text),
        bool truth => truth ? "true" : "false",
        double.PositiveInfinity => "infinite",
        DateTimeOffset instant => instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => Text(value.ToString() ?? ""),
    };

    // Spreadsheets take a text that begins so for a formula and run it.
    private static string Text(string text)
    {
        var safe = text.Length > 0 && text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' ? "'" + text : text;
        return safe.AsSpan().IndexOfAny(",\"\r\n") < 0 ? safe : $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
