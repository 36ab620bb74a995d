namespace ChaosDrill.Reports.Templates;

/// <summary>For running text and table cells of GitHub-flavoured Markdown, which may hold HTML too.</summary>
internal sealed class MarkdownValueEncoder : ValueEncoder
{
    protected override void Encode(char value, bool isFirst, TextWriter target)
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
            case '\\' or '`' or '*' or '_' or '[' or ']' or '|' or '~' or '#' or '$' or '{' or '}':
                target.Write('\\');
                target.Write(value);
                break;

            // The beginning of a list, a heading's underline, a signed number that is none.
            case '-' or '+' or '=' or '!' when isFirst:
                target.Write('\\');
                target.Write(value);
                break;
            default:
                target.Write(value);
                break;
        }
    }
}
