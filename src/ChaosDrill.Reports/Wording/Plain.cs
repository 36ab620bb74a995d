using System.Globalization;
using System.Text;

namespace ChaosDrill.Reports.Wording;

/// <summary>
/// The gate through which every text of a drill enters a document: secrets blacked out, control characters and
/// characters that turn the reading direction made visible, lines joined, overlong texts cut.
/// </summary>
internal static class Plain
{
    private const int LongestLine = 500;

    private const int LongestBlock = 256 * 1024;

    private const char Unprintable = '\uFFFD';

    /// <summary>One line, at most 500 characters.</summary>
    public static string Line(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "";
        }

        if (text.Length <= LongestLine && IsLine(text))
        {
            return Redaction.Of(text);
        }

        var line = new StringBuilder(Math.Min(text.Length, LongestLine));
        foreach (var rune in Redaction.Of(Cut(text, LongestLine)).EnumerateRunes())
        {
            var isBreak = rune.Value is '\n' or '\r' or '\t' or 0x85 or 0x2028 or 0x2029;
            if (isBreak && (line.Length == 0 || line[^1] == ' '))
            {
                continue;
            }

            _ = isBreak ? line.Append(' ') : IsPrintable(rune) ? line.Append(rune) : line.Append(Unprintable);
        }

        return line.ToString().Trim();
    }

    /// <summary>Several lines, as they are.</summary>
    public static string Block(string? text)
    {
        var block = new StringBuilder();
        var lines = Redaction.Of(Cut(text ?? "", LongestBlock)).Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        foreach (var rune in lines.EnumerateRunes())
        {
            _ = rune.Value is '\n' or '\t' || IsPrintable(rune) ? block.Append(rune) : block.Append(Unprintable);
        }

        return block.ToString().TrimEnd();
    }

    // Nearly every text of a drill; going through it letter by letter would only copy it.
    private static bool IsLine(string text) => !text.AsSpan().ContainsAnyExceptInRange(' ', '~') && text[0] != ' ' && text[^1] != ' ';

    // An unpaired half of a surrogate comes out of EnumerateRunes as U+FFFD.
    private static bool IsPrintable(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Surrogate or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
        && rune.Value is not (0x061C or 0x200E or 0x200F or 0xFFFE or 0xFFFF or (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069));

    private static string Cut(string text, int length) =>
        text.Length <= length ? text : string.Concat(text.AsSpan(0, length), " … (cut)");
}
