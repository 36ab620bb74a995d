using System.Globalization;
using System.Text;

namespace ChaosDrill.Engine.Scenarios;

/// <summary>How a piece of a file is shown in a message: quoted, short, and harmless to a terminal.</summary>
internal static class Shown
{
    private const int Longest = 60;

    public static string Quoted(string text)
    {
        var shown = new StringBuilder("\"");
        foreach (var rune in text.EnumerateRunes())
        {
            if (shown.Length > Longest)
            {
                return shown.Append("...\"").ToString();
            }

            _ = rune.Value switch
            {
                '"' => shown.Append("\\\""),
                '\\' => shown.Append("\\\\"),
                '\n' => shown.Append("\\n"),
                '\r' => shown.Append("\\r"),
                '\t' => shown.Append("\\t"),
                _ when IsHarmless(rune) => shown.Append(rune.ToString()),
                _ => shown.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:x}}}"),
            };
        }

        return shown.Append('"').ToString();
    }

    /// <summary>A text that repeats pieces of a file here and there, without what could harm a terminal or break a line.</summary>
    public static string Harmless(string text) => text.EnumerateRunes().All(IsHarmless)
        ? text
        : string.Concat(text.EnumerateRunes().Select(r => IsHarmless(r) ? r.ToString() : string.Create(CultureInfo.InvariantCulture, $"\\u{{{r.Value:x}}}")));

    /// <summary>A list in words: <c>a, b or c</c>.</summary>
    public static string OneOf(IEnumerable<string> words)
    {
        var all = words.ToList();
        return all.Count < 2 ? string.Concat(all) : $"{string.Join(", ", all.SkipLast(1))} or {all[^1]}";
    }

    /// <summary>With the indefinite article: <c>a step</c>, <c>an objective</c>.</summary>
    public static string WithArticle(string noun) => ("aeiou".Contains(noun[0], StringComparison.Ordinal) ? "an " : "a ") + noun;

    // Format covers the marks that reverse the direction of text, by which a message could be made to lie.
    private static bool IsHarmless(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.Surrogate);
}
