using System.Buffers;
using System.Net.WebSockets;
using System.Text;

namespace ChaosDrill.Kubernetes;

/// <summary>One command under way: feeds its input, gathers its outputs, waits for its exit code.</summary>
internal sealed class ExecSession(WebSocket socket, ApiRequest request, ExecOptions options)
{
    private const int Chunk = 16 * 1024;

    // A status is small; one that is not is cut off and then fails to parse.
    private readonly Gathered status = new(64 * 1024);
    private readonly Gathered output = new(options.OutputLimit);
    private readonly Gathered error = new(options.OutputLimit);

    /// <summary>Runs to the end.</summary>
    /// <param name="stop">Ends with the time limit, or when the caller gives up.</param>
    /// <param name="callers">The caller's own wish; only this one is thrown.</param>
    /// <exception cref="ApiException">The command did not run.</exception>
    public async Task<ExecResult> RunAsync(CancellationToken stop, CancellationToken callers)
    {
        var feeding = FeedAsync(stop);
        try
        {
            while (await ReceiveAsync(stop))
            {
            }
        }
        catch (OperationCanceledException) when (!callers.IsCancellationRequested)
        {
            return Result(ExecEnd.TimedOut, null);
        }
        catch (OperationCanceledException)
        {
            throw new OperationCanceledException("The exec was cancelled.", callers);
        }
        catch (Exception broken) when (broken is WebSocketException || TransportFailure.IsTransport(broken))
        {
            // What came before the break still counts.
        }
        finally
        {
            socket.Dispose();
            await feeding;
        }

        return status.Bytes.Length > 0 ? Result(ExecEnd.Exited, ExecProtocol.ExitCode(status.Bytes, request)) : Result(ExecEnd.ConnectionLost, null);
    }

    /// <summary>Takes in one message; false after the last.</summary>
    private async Task<bool> ReceiveAsync(CancellationToken stop)
    {
        var buffer = new byte[Chunk];
        Gathered? channel = null;
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(), stop);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                return false;
            }

            var content = buffer.AsSpan(0, received.Count);
            if (channel is null && content.Length > 0)
            {
                channel = content[0] switch { ExecProtocol.Output => output, ExecProtocol.Error => error, ExecProtocol.Status => status, _ => new Gathered(0) };
                content = content[1..];
            }

            channel?.Add(content);
            if (received.EndOfMessage)
            {
                // The status is the last word: waiting for the close that follows could only lose it.
                return !ReferenceEquals(channel, status) || status.Bytes.IsEmpty;
            }
        }
    }

    private async Task FeedAsync(CancellationToken stop)
    {
        if (options.Input is not { } input)
        {
            return;
        }

        try
        {
            var message = new byte[Chunk];
            message[0] = ExecProtocol.Input;
            while (input.Length > 0)
            {
                var part = input[..Math.Min(input.Length, Chunk - 1)];
                part.CopyTo(message.AsMemory(1));
                await socket.SendAsync(message.AsMemory(0, part.Length + 1), WebSocketMessageType.Binary, true, stop);
                input = input[part.Length..];
            }

            await socket.SendAsync(new byte[] { ExecProtocol.Close, ExecProtocol.Input }, WebSocketMessageType.Binary, true, stop);
        }
        catch (Exception broken) when (broken is WebSocketException or OperationCanceledException or ObjectDisposedException || TransportFailure.IsTransport(broken))
        {
            // A command need not read its input; what became of it, the status says.
        }
    }

    private ExecResult Result(ExecEnd end, int? code) =>
        new(end, code, Encoding.UTF8.GetString(output.Bytes), Encoding.UTF8.GetString(error.Bytes), output.Truncated || error.Truncated);

    /// <summary>Bytes up to a limit.</summary>
    private sealed class Gathered(int limit)
    {
        private readonly ArrayBufferWriter<byte> kept = new();

        public bool Truncated { get; private set; }

        public ReadOnlySpan<byte> Bytes => kept.WrittenSpan;

        public void Add(ReadOnlySpan<byte> bytes)
        {
            var room = Math.Min(bytes.Length, limit - Bytes.Length);
            Truncated |= room < bytes.Length;
            kept.Write(bytes[..room]);
        }
    }
}
