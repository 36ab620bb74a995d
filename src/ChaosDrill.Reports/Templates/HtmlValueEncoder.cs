namespace ChaosDrill.Reports.Templates;

/// <summary>For HTML text and quoted attributes.</summary>
internal sealed class HtmlValueEncoder : ValueEncoder
{
    protected override void Write(string text, TextWriter target)
    {
        foreach (var value in text)
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
                case '"':
                    target.Write("&quot;");
                    break;
                case '\'':
                    target.Write("&#39;");
                    break;
                case '`':
                    target.Write("&#96;");
                    break;
                default:
                    target.Write(value);
                    break;
            }
        }
    }
}
