using System.Text;
using System.Text.RegularExpressions;

namespace ChaosDrill.Reports.Documents;

/// <summary>
/// The parts of a Markdown document that people fill in: the lines between <c>&lt;!-- fill-in: NAME --&gt;</c> and
/// <c>&lt;!-- /fill-in --&gt;</c>, each mark on a line of its own and outside of code fences. They survive when the document is written anew.
/// </summary>
public static partial class HumanParts
{
    private const string Close = "<!-- /fill-in -->";

    /// <summary>What stands in each part, without the empty lines around it.</summary>
    /// <exception cref="ReportException">A part is left open, closed twice, or there are two of a name; the message gives the line.</exception>
    public static IReadOnlyDictionary<string, string> Of(string document)
    {
        Dictionary<string, string> parts = new(StringComparer.Ordinal);
        Walk(document, (name, text) => parts[name] = text);
        return parts;
    }

    /// <summary>A document with its parts as people had filled them; a part that it no longer has is put at its end, so that nothing is lost.</summary>
    /// <exception cref="ReportException">The parts of the fresh document are broken.</exception>
    public static string Keep(string fresh, IReadOnlyDictionary<string, string> kept)
    {
        HashSet<string> placed = new(StringComparer.Ordinal);
        var merged = Walk(fresh, (name, text) => kept.TryGetValue(name, out var old) && placed.Add(name) ? old : text);
        foreach (var (name, text) in kept.Where(k => !placed.Contains(k.Key) && k.Value.Length > 0).OrderBy(k => k.Key, StringComparer.Ordinal))
        {
            merged += $"\n## Kept from an earlier version: {name}\n\n<!-- fill-in: {name} -->\n{text}\n{Close}\n";
        }

        return merged;
    }

    /// <summary>The document with empty parts: what the program wrote, whatever people added.</summary>
    public static string Blank(string document) => Walk(document, (_, _) => "");

    private static string Walk(string document, Func<string, string, string> replace)
    {
        var result = new StringBuilder();
        HashSet<string> seen = new(StringComparer.Ordinal);
        (string Name, int Line, List<string> Text)? open = null;
        var fence = 0;
        var number = 0;
        foreach (var line in Lines(document))
        {
            number++;
            var ticks = line.Length - line.TrimStart('`').Length;
            fence = fence == 0 ? (ticks >= 3 ? ticks : 0) : ticks >= fence && line.Trim('`', ' ').Length == 0 ? 0 : fence;
            if (fence == 0 && Open().Match(line) is { Success: true } mark)
            {
                var name = mark.Groups[1].Value;
                open = open is null && seen.Add(name)
                    ? (name, number, [])
                    : throw Broken(number, open is null ? $"there are two parts \"{name}\"" : $"the part \"{open.Value.Name}\" of line {open.Value.Line} is not closed before the next begins");
                result.Append(line).Append('\n');
            }
            else if (fence == 0 && line.Trim() == Close)
            {
                var (name, _, text) = open ?? throw Broken(number, "this closes no part");
                var filled = replace(name, string.Join('\n', text).Trim('\n'));
                result.Append(filled.Length > 0 ? filled + "\n" : "").Append(line).Append('\n');
                open = null;
            }
            else if (open is { } part)
            {
                part.Text.Add(line);
            }
            else
            {
                result.Append(line).Append('\n');
            }
        }

        return open is { } left ? throw Broken(left.Line, $"the part \"{left.Name}\" is never closed with {Close}") : result.ToString();
    }

    private static void Walk(string document, Action<string, string> take) => Walk(document, (name, text) =>
    {
        take(name, text);
        return text;
    });

    private static string[] Lines(string document)
    {
        var lines = document.Replace("\r\n", "\n", StringComparison.Ordinal).Split('\n');
        return lines[^1].Length == 0 ? lines[..^1] : lines;
    }

    private static ReportException Broken(int line, string what) => new($"line {line}: {what}");

    [GeneratedRegex(@"^\s*<!-- fill-in: ([a-z0-9-]{1,63}) -->\s*$", RegexOptions.CultureInvariant)]
    private static partial Regex Open();
}
