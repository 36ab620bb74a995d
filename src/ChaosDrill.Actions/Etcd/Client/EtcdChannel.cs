using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Authentication;

namespace ChaosDrill.Actions.Etcd.Client;

/// <summary>Calls one etcd member over gRPC (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md): one message there, one back.</summary>
internal sealed class EtcdChannel : IDisposable
{
    /// <summary>etcd answers nothing longer in one message unless told to.</summary>
    private const int LongestMessage = 512 * 1024 * 1024;

    private readonly HttpClient _http;
    private readonly TimeProvider _clock;

    public EtcdChannel(EtcdAccess access, TimeProvider clock)
    {
        Endpoint = access.Endpoints[0];
        _clock = clock;
        _http = new HttpClient(access.Handler()) { BaseAddress = new Uri(Endpoint), Timeout = Timeout.InfiniteTimeSpan };
    }

    public string Endpoint { get; }

    /// <summary>Limit of one question.</summary>
    public TimeSpan Limit { get; set; } = TimeSpan.FromSeconds(5);

    public void Dispose() => _http.Dispose();

    /// <summary>One question, one answer. The frame is a zero byte, the length in four bytes, the message.</summary>
    public async Task<byte[]> AskAsync(string method, ProtoWriter question, CancellationToken cancellationToken) =>
        (await AskAsync(method, question, pooled: false, cancellationToken)).Array!;

    /// <summary>The same into an array of the pool's, which is the caller's to return, or into one of just that length.</summary>
    public async Task<ArraySegment<byte>> AskAsync(string method, ProtoWriter question, bool pooled, CancellationToken cancellationToken)
    {
        var frame = new byte[5 + question.Written.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), question.Written.Length);
        question.Written.CopyTo(frame.AsSpan(5));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/etcdserverpb." + method)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(frame),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        using var limit = new CancellationTokenSource(Limit, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            await using var stream = await response.Content.ReadAsStreamAsync(either.Token);
            var answer = await ReadMessageAsync(stream, method, pooled, either.Token);
            while (answer is not null && await stream.ReadAsync(new byte[1], either.Token) > 0)
            {
                // The trailers come after the last byte.
            }

            RequireOk(response, method);
            return answer ?? new ArraySegment<byte>([]);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new EtcdException($"etcd at {Endpoint} did not answer {method} within {Limit.TotalSeconds:0.###} s");
        }
        catch (HttpRequestException e)
        {
            throw new EtcdException(Unreachable(e), null, e);
        }
        catch (Exception e) when (e is IOException or FormatException)
        {
            throw new EtcdException($"etcd at {Endpoint} broke off its answer to {method}: {e.Message}", null, e);
        }
    }

    private static async Task<ArraySegment<byte>?> ReadMessageAsync(Stream stream, string method, bool pooled, CancellationToken cancellationToken)
    {
        var head = new byte[5];
        var read = await stream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken);
        if (read == 0)
        {
            return null;
        }

        var length = BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(1));
        if (read < head.Length || head[0] != 0 || length > LongestMessage)
        {
            throw new IOException($"{method} was not answered by gRPC");
        }

        var message = new ArraySegment<byte>(pooled ? ArrayPool<byte>.Shared.Rent((int)length) : new byte[length], 0, (int)length);
        await stream.ReadExactlyAsync(message, cancellationToken);
        return message;
    }

    private void RequireOk(HttpResponseMessage response, string method)
    {
        var status = Find(response, "grpc-status");
        if (status == "0")
        {
            return;
        }

        var said = Find(response, "grpc-message") is { } text ? Uri.UnescapeDataString(text) : $"HTTP {(int)response.StatusCode}";
        throw new EtcdException(
            $"etcd at {Endpoint} refused {method}: {said}",
            int.TryParse(status, NumberStyles.None, CultureInfo.InvariantCulture, out var code) ? code : null);
    }

    private static string? Find(HttpResponseMessage response, string name) =>
        response.TrailingHeaders.TryGetValues(name, out var trailing) ? trailing.First()
        : response.Headers.TryGetValues(name, out var leading) ? leading.First()
        : null;

    private string Unreachable(HttpRequestException e) => e.InnerException switch
    {
        AuthenticationException => $"etcd at {Endpoint} and this side do not accept each other's certificates: {e.InnerException.Message}; " +
            "name the authority, certificate and key that etcd's own clients use (ca, cert, key)",
        System.Net.Sockets.SocketException socket => $"etcd at {Endpoint} cannot be reached: {socket.Message}; is it running there, and does the endpoint begin with https where it takes TLS?",

        // With TLS 1.3 a member that does not accept a certificate just hangs up, after the handshake.
        _ => $"etcd at {Endpoint} cannot be asked: {(e.InnerException ?? e).Message}" +
            (Endpoint.StartsWith("https", StringComparison.Ordinal) ? "; perhaps it does not accept this side's certificate: name the one that etcd's own clients use (cert, key)" : ""),
    };
}
