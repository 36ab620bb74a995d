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
        var rest = text.AsSpan();
        for (int at; (at = rest.IndexOfAny(Special)) >= 0; rest = rest[(at + 1)..])
        {
            target.Write(rest[..at]);
            target.Write(rest[at] switch
            {
                '<' => "&lt;",
                '>' => "&gt;",
                '&' => "&amp;",
                '"' => "&quot;",
                '\'' => "&#39;",
                _ => "&#96;",
            });
        }

        target.Write(rest);
    }
}
