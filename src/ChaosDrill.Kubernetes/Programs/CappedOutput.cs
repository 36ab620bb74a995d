using System.Text;

namespace ChaosDrill.Kubernetes;

/// <summary>Reads all that a program prints, and keeps the beginning or the end of it.</summary>
internal sealed class CappedOutput(int limit, bool keepsEnd)
{
    private readonly Lock door = new();
    private readonly List<byte> kept = [];
    private bool cut;

    public bool IsCut
    {
        get
        {
            lock (door)
            {
                return cut;
            }
        }
    }

    public byte[] Bytes
    {
        get
        {
            lock (door)
            {
                return [.. kept.Skip(Math.Max(0, kept.Count - limit))];
            }
        }
    }

    public string Text => Encoding.UTF8.GetString(Bytes);

    public async Task ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var buffer = new byte[8192];
        try
        {
            while (await stream.ReadAsync(buffer, cancellationToken) is var read and > 0)
            {
                Keep(buffer.AsSpan(0, read));
            }
        }
        catch (Exception error) when (error is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The program is over; somebody else holds the pipe.
        }
    }

    // What is too much is still read, or the program would never end.
    private void Keep(ReadOnlySpan<byte> read)
    {
        lock (door)
        {
            cut |= kept.Count + read.Length > limit;
            kept.AddRange(keepsEnd ? read : read[..Math.Min(read.Length, limit - kept.Count)]);
            if (kept.Count > 2L * limit)
            {
                kept.RemoveRange(0, kept.Count - limit);
            }
        }
    }
}
