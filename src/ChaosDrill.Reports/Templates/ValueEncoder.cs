using System.Text;
using HandlebarsDotNet;

namespace ChaosDrill.Reports.Templates;

/// <summary>Writes values into a document so that no character of them means anything to its reader's program.</summary>
internal abstract class ValueEncoder : ITextEncoder
{
    public void Encode(StringBuilder? text, TextWriter target) => Encode(text?.ToString(), target);

    public void Encode(string? text, TextWriter target) => Encode((text ?? "").GetEnumerator(), target);

    public void Encode<T>(T? text, TextWriter target)
        where T : IEnumerator<char>
    {
        for (var isFirst = true; text is not null && text.MoveNext(); isFirst = false)
        {
            Encode(text.Current, isFirst, target);
        }
    }

    protected abstract void Encode(char value, bool isFirst, TextWriter target);
}
