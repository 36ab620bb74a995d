namespace ChaosDrill.Twin.Serving;

/// <summary>Frames as a stream: those of one queue are read until it ends, what is written goes to the other; disposing it ends both.</summary>
internal sealed class FrameStream(FrameQueue read, FrameQueue? written = null) : Stream
{
    private ReadOnlyMemory<byte> rest;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => written is not null;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
        {
            return 0;
        }

        while (rest.IsEmpty && !read.TryRead(out rest))
        {
            // Not captured on purpose: the queue completes this on the loop's own thread, and readers inside the
            // framework that do not capture a context must go on there too.
            if (!await read.WaitAsync(cancellationToken).ConfigureAwait(false) && !read.TryRead(out rest))
            {
                return 0;
            }
        }

        var count = Math.Min(buffer.Length, rest.Length);
        rest[..count].CopyTo(buffer);
        rest = rest[count..];
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) =>
        ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        (written ?? throw new NotSupportedException()).Send(buffer.ToArray());
        return ValueTask.CompletedTask;
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => (written ?? throw new NotSupportedException()).Send(buffer.AsSpan(offset, count).ToArray());

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            read.Dispose();
            written?.Dispose();
        }

        base.Dispose(disposing);
    }
}
