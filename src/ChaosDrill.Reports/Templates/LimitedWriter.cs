using System.Text;

namespace ChaosDrill.Reports.Templates;

/// <summary>Collects text up to a limit, so that a template that loops cannot fill the memory.</summary>
internal sealed class LimitedWriter(int limit) : TextWriter
{
    private readonly StringBuilder text = new();

    public override Encoding Encoding => Encoding.UTF8;

    public override void Write(char value)
    {
        Reserve(1);
        text.Append(value);
    }

    public override void Write(string? value)
    {
        Reserve(value?.Length ?? 0);
        text.Append(value);
    }

    public override void Write(ReadOnlySpan<char> buffer)
    {
        Reserve(buffer.Length);
        text.Append(buffer);
    }

    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    public override string ToString() => text.ToString();

    private void Reserve(int more)
    {
        if (text.Length + more > limit)
        {
            throw new OutputTooLongException();
        }
    }

    /// <summary>More was written than the limit allows.</summary>
    internal sealed class OutputTooLongException : Exception;
}
