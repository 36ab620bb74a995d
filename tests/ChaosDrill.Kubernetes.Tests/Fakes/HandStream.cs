namespace ChaosDrill.Kubernetes.Tests.Fakes;

/// <summary>A stream that gives what is fed to it, when it is fed.</summary>
internal sealed class HandStream(int chunk = int.MaxValue) : Stream
{
    private readonly Lock door = new();
    private readonly Queue<byte[]> chunks = new();
    private byte[]? rest;
    private int offset;
    private bool ended;
    private Exception? failure;
    private TaskCompletionSource? waiting;

    public bool IsClosed { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public void Feed(byte[] bytes) => Change(() => chunks.Enqueue(bytes));

    public void Feed(string text) => Feed(System.Text.Encoding.UTF8.GetBytes(text));

    public void End() => Change(() => ended = true);

    public void Break(Exception? with = null) => Change(() => failure = with ?? new IOException("The connection was cut."));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            Task wait;
            lock (door)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (rest is null && chunks.TryDequeue(out var next))
                {
                    (rest, offset) = (next, 0);
                }

                if (rest is not null)
                {
                    var length = Math.Min(Math.Min(buffer.Length, chunk), rest.Length - offset);
                    rest.AsSpan(offset, length).CopyTo(buffer.Span);
                    offset += length;
                    rest = offset == rest.Length ? null : rest;
                    return length;
                }

                if (failure is not null)
                {
                    throw failure;
                }

                if (ended)
                {
                    return 0;
                }

                waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                wait = waiting.Task;
            }

            using (cancellationToken.UnsafeRegister(static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token), waiting))
            {
                await wait;
            }
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Synchronous reads would block the only thread.");

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        IsClosed = true;
        base.Dispose(disposing);
    }

    private void Change(Action change)
    {
        lock (door)
        {
            change();
            waiting?.TrySetResult();
        }
    }
}
