namespace ChaosDrill.Kubernetes;

/// <summary>Splits a stream into lines without copying them; a line is good until the next fill.</summary>
internal sealed class LineReader(Stream stream, int maxLine)
{
    private byte[] buffer = new byte[16 * 1024];
    private int start;
    private int end;
    private int searched;

    /// <summary>Whether a line has begun and not ended.</summary>
    public bool HasRest => end > start;

    /// <summary>Whether the line that has begun is longer than allowed.</summary>
    public bool IsTooLong => end - start > maxLine;

    /// <summary>Reads once; false at the end of the stream.</summary>
    public async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (start > 0)
        {
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            searched -= start;
            end -= start;
            start = 0;
        }

        if (end == buffer.Length)
        {
            Array.Resize(ref buffer, buffer.Length * 2);
        }

        var read = await stream.ReadAsync(buffer.AsMemory(end), cancellationToken);
        end += read;
        return read > 0;
    }

    /// <summary>Takes the next whole line, without its end.</summary>
    public bool TryTake(out ReadOnlySpan<byte> line)
    {
        var at = buffer.AsSpan(searched, end - searched).IndexOf((byte)'\n');
        if (at < 0)
        {
            searched = end;
            line = default;
            return false;
        }

        line = buffer.AsSpan(start, searched + at - start);
        start = searched + at + 1;
        searched = start;
        return true;
    }
}
