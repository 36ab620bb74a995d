using System.Text.RegularExpressions;

namespace ChaosDrill.Reports.Templates;

/// <summary>A word of a tag.</summary>
/// <param name="Text">The word.</param>
/// <param name="At">Where it stands in the template.</param>
internal sealed record TagWord(string Text, int At);

/// <summary>One tag of a template, <c>{{...}}</c>.</summary>
/// <param name="At">Where it stands in the template.</param>
/// <param name="Sign"><c>#</c>, <c>/</c>, <c>^</c>, <c>></c>, <c>*</c> or nothing; more than one for what only the full language has.</param>
/// <param name="Words">What stands in it; the first says what it does.</param>
internal sealed partial record TemplateTag(int At, string Sign, IReadOnlyList<TagWord> Words)
{
    /// <summary>The first word; empty when there is none.</summary>
    public string Name => Words.Count > 0 ? Words[0].Text : "";

    /// <summary>The tags of a template in order, without comments.</summary>
    public static IEnumerable<TemplateTag> Of(string text)
    {
        foreach (Match tag in Tag().Matches(text))
        {
            if (!tag.Groups["comment"].Success)
            {
                var body = tag.Groups["body"];
                yield return new TemplateTag(
                    tag.Index, string.Concat(tag.Groups["sign"].Value.Where(c => !char.IsWhiteSpace(c) && c != '~')), [.. Word().Matches(body.Value).Select(w => new TagWord(w.Value, body.Index + w.Index))]);
            }
        }
    }

    /// <summary>Line and column of a place in a template, both from 1.</summary>
    public static (int Line, int Column) Place(string text, int at) => (text.AsSpan(0, at).Count('\n') + 1, at - text.AsSpan(0, at).LastIndexOf('\n'));

    /// <summary>A mistake at a place.</summary>
    public static TemplateException Fault(string file, string text, int at, string what)
    {
        var (line, column) = Place(text, at);
        return new TemplateException($"{file}:{line}:{column}: {what}", file, line, column);
    }

    [GeneratedRegex(
        @"(?<comment>\{\{~?!--.*?--~?\}\}|\{\{~?!.*?\}\}|\\\{\{)|(?:\{\{\{?)(?<sign>[{~#/^>*&\s]*)(?<body>[^}]*)",
        RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex Tag();

    [GeneratedRegex("\"[^\"]*\"|'[^']*'|[()]|[^\\s()~]+", RegexOptions.CultureInvariant)]
    private static partial Regex Word();
}
