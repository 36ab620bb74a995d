namespace ChaosDrill.Kubernetes;

/// <summary>Sends a header with several values as several lines.</summary>
/// <remarks>
/// The server takes each line of Impersonate-Group for one group, and .NET joins the values of a header into one line, over
/// HTTP/2 as well: "dev, ops" would be a group of that name. So the values are joined with a control character that can
/// stand neither in a header nor in JSON, and this stream turns it into a line's end. That works for HTTP/1.1 only, which
/// is the price of acting as a member of several groups. After an upgrade what is written is no longer HTTP and stays as it is.
/// </remarks>
internal sealed class HeaderLines(Stream inner) : Stream
{
    private const char Mark = '\u0001';

    private bool answering;
    private bool upgraded;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>One value that stands for several lines.</summary>
    public static string Join(string name, IReadOnlyList<string> values) =>
        values.Any(value => value.Any(char.IsControl))
            ? throw new KubeconfigException($"the values of {name} must not hold control characters; correct as, as-groups and as-user-extra")
            : string.Join($"{Mark}{name}: ", values);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken);

        // The first bytes after a request are the answer's status line.
        upgraded |= answering && buffer.Span[..read].StartsWith("HTTP/1.1 101"u8);
        answering &= read == 0;
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        inner.WriteAsync(Split(buffer.Span) ?? buffer, cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => inner.Write((Split(buffer.AsSpan(offset, count)) ?? buffer.AsMemory(offset, count)).Span);

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override void Flush() => inner.Flush();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private ReadOnlyMemory<byte>? Split(ReadOnlySpan<byte> bytes)
    {
        answering = true;
        var marks = upgraded ? 0 : bytes.Count((byte)Mark);
        if (marks == 0)
        {
            return null;
        }

        var split = new byte[bytes.Length + marks];
        var length = 0;
        foreach (var one in bytes)
        {
            if (one == Mark)
            {
                split[length++] = (byte)'\r';
                split[length++] = (byte)'\n';
            }
            else
            {
                split[length++] = one;
            }
        }

        return split;
    }
}
