using System.Text.RegularExpressions;

namespace ChaosDrill.Reports.Templates;

/// <summary>For running text and table cells of GitHub-flavoured Markdown, which may hold HTML too.</summary>
internal sealed partial class MarkdownValueEncoder : ValueEncoder
{
    public override bool HasFences => true;

    protected override void Write(string text, TextWriter target)
    {
        // What would begin a list, a rule or a heading's underline if it stood at the beginning of a line.
        var start = LineStart().Match(text);
        var at = start.Groups[1].Success ? start.Groups[1].Index : start.Groups[2].Success ? start.Groups[2].Index : -1;
        for (var i = 0; i < text.Length; i++)
        {
            if (i == at)
            {
                target.Write('\\');
            }

            Write(text[i], target);
        }
    }

    private static void Write(char value, TextWriter target)
    {
        switch (value)
        {
            case '<':
                target.Write("&lt;");
                break;
            case '>':
                target.Write("&gt;");
                break;
            case '&':
                target.Write("&amp;");
                break;

            // A line break would end a table's row.
            case '\n' or '\r':
                target.Write(' ');
                break;
            case '\\' or '`' or '*' or '_' or '[' or ']' or '|' or '~' or '#' or '$' or '{' or '}' or '!':
                target.Write('\\');
                target.Write(value);
                break;
            default:
                target.Write(value);
                break;
        }
    }

    [GeneratedRegex(@"^\s*(?:([-+=])(?![0-9])|[0-9]{1,9}([.)])(?=\s|$))", RegexOptions.CultureInvariant)]
    private static partial Regex LineStart();
}
