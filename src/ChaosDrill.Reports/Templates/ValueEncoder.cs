using System.Text;
using HandlebarsDotNet;

namespace ChaosDrill.Reports.Templates;

/// <summary>Writes values into a document so that no character of them means anything to its reader's program.</summary>
internal abstract class ValueEncoder : ITextEncoder
{
    public void Encode(StringBuilder? text, TextWriter target) => Write(text?.ToString() ?? "", target);

    public void Encode(string? text, TextWriter target) => Write(text ?? "", target);

    public void Encode<T>(T? text, TextWriter target)
        where T : IEnumerator<char>
    {
        var whole = new StringBuilder();
        while (text is not null && text.MoveNext())
        {
            whole.Append(text.Current);
        }

        Write(whole.ToString(), target);
    }

    protected abstract void Write(string text, TextWriter target);
}
