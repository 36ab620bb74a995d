using System.Text;

namespace ChaosDrill.Reports.Templates;

/// <summary>Collects text up to a limit, so that a template that loops cannot fill the memory.</summary>
internal sealed class LimitedWriter(int limit) : TextWriter
{
    /// <summary>What was written.</summary>
    public StringBuilder Text { get; } = new();

    public override Encoding Encoding => Encoding.UTF8;

    public override void Write(char value)
    {
        Reserve(1);
        Text.Append(value);
    }

    public override void Write(string? value)
    {
        Reserve(value?.Length ?? 0);
        Text.Append(value);
    }

    public override void Write(ReadOnlySpan<char> buffer)
    {
        Reserve(buffer.Length);
        Text.Append(buffer);
    }

    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    public override string ToString() => Text.ToString();

    private void Reserve(int more)
    {
        if (Text.Length + more > limit)
        {
            throw new OutputTooLongException();
        }
    }

    /// <summary>More was written than the limit allows.</summary>
    internal sealed class OutputTooLongException : Exception;
}
