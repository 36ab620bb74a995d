using System.Buffers;

namespace ChaosDrill.Reports.Templates;

/// <summary>For HTML text and quoted attributes.</summary>
internal sealed class HtmlValueEncoder : ValueEncoder
{
    private static readonly SearchValues<char> Special = SearchValues.Create("<>&\"'`");

    /// <summary>The one that there is.</summary>
    public static HtmlValueEncoder Instance { get; } = new();

    public override bool HasFences => false;

    // Most texts need nothing.
    public override string Encode(string text) => text.AsSpan().ContainsAny(Special) ? base.Encode(text) : text;

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
