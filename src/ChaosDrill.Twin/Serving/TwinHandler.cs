using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using ChaosDrill.Twin.Api;
using ChaosDrill.Twin.Api.Access;

namespace ChaosDrill.Twin.Serving;

/// <summary>The API without a socket. Answers complete at once wherever they can, so that no caller is sent to the thread pool.</summary>
internal sealed class TwinHandler(ApiServer server, TwinLoop loop, TwinUser user) : HttpMessageHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<HttpResponseMessage>(cancellationToken);
        }

        var answer = AnswerAsync(request, cancellationToken);
        if (answer.IsCompleted)
        {
            return answer;
        }

        // The caller's continuation must not be sent to the pool because it finds a synchronization context here.
        var handed = new TaskCompletionSource<HttpResponseMessage>();
        _ = HandOverAsync(answer, handed);
        return handed.Task;
    }

    private async Task HandOverAsync(Task<HttpResponseMessage> answer, TaskCompletionSource<HttpResponseMessage> handed)
    {
        try
        {
            var response = await answer;
            loop.Complete(() => handed.TrySetResult(response));
        }
        catch (OperationCanceledException canceled)
        {
            loop.Complete(() => handed.TrySetCanceled(canceled.CancellationToken));
        }
        catch (Exception failure)
        {
            loop.Complete(() => handed.TrySetException(failure));
        }
    }

    private async Task<HttpResponseMessage> AnswerAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        var uri = request.RequestUri ?? throw new InvalidOperationException("A request needs a URI.");
        var body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancel);
        var sender = request.Headers.Authorization is not { } credentials ? user
            : credentials.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase) ? server.OwnerOf(credentials.Parameter ?? "") : null;
        if (sender is null)
        {
            return Convert(request, ApiResponse.Failed(Failure.Of(401, "Unauthorized", "Unauthorized")));
        }

        var answer = await server.HandleAsync(
            new ApiRequest(request.Method.Method, uri.AbsolutePath, uri.Query)
            {
                Accept = string.Join(",", request.Headers.Accept.Select(a => a.ToString())),
                ContentType = request.Content?.Headers.ContentType?.ToString() ?? "",
                UserAgent = request.Headers.UserAgent.ToString(),
                Body = body,
                User = sender,
                Impersonation = Impersonation.From(name => request.Headers.TryGetValues(name, out var values) ? values : []),
            },
            cancel);
        return answer.Exec is { } exec ? Converse(request, exec) : Convert(request, answer);
    }

    /// <summary>Hands the connection over: the client gets one end of a stream, the command talks at the other.</summary>
    private HttpResponseMessage Converse(HttpRequestMessage request, ExecCall exec)
    {
        string[] offered = [.. Header("Sec-WebSocket-Protocol").SelectMany(v => v.Split(',', StringSplitOptions.TrimEntries))];
        if (Header("Sec-WebSocket-Key").FirstOrDefault() is not { } key || ExecCall.Choose(offered) is not { } protocol)
        {
            return Convert(request, ApiResponse.Failed(ExecCall.NotUpgraded(offered)));
        }

        var (asked, answered) = (new FrameQueue(loop), new FrameQueue(loop));
        _ = ServeAsync(exec, WebSocket.CreateFromStream(new FrameStream(asked, answered), new WebSocketCreationOptions { IsServer = true, SubProtocol = protocol, KeepAliveInterval = TimeSpan.Zero }));
        var response = new HttpResponseMessage(HttpStatusCode.SwitchingProtocols) { Content = new StreamPair(new FrameStream(answered, asked)), RequestMessage = request };
        response.Headers.TryAddWithoutValidation("Connection", "Upgrade");
        response.Headers.TryAddWithoutValidation("Upgrade", "websocket");
        response.Headers.TryAddWithoutValidation("Sec-WebSocket-Protocol", protocol);
        response.Headers.TryAddWithoutValidation("Sec-WebSocket-Accept", Accept(key));
        return response;

        IEnumerable<string> Header(string name) => request.Headers.TryGetValues(name, out var values) ? values : [];
    }

    private static async Task ServeAsync(ExecCall exec, WebSocket socket)
    {
        using (socket)
        {
            await exec.ServeAsync(socket, CancellationToken.None);
        }
    }

    // RFC 6455, section 4.2.2: SHA-1 against mix-ups, not against attackers.
#pragma warning disable CA5350
    private static string Accept(string key) => System.Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350

    private HttpResponseMessage Convert(HttpRequestMessage request, ApiResponse answer)
    {
        HttpContent content = answer.Frames is { } frames ? new StreamContent(new FrameStream(frames)) : new ReadOnlyMemoryContent(answer.Body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(answer.ContentType);
        var response = new HttpResponseMessage((HttpStatusCode)answer.Status) { Content = content, RequestMessage = request, Version = HttpVersion.Version20 };
        response.Headers.Date = loop.Clock.GetUtcNow();
        foreach (var (name, value) in answer.Headers)
        {
            response.Headers.TryAddWithoutValidation(name, string.Create(CultureInfo.InvariantCulture, $"{value}"));
        }

        return response;
    }

    /// <summary>A content that can be written to as well: what is left of a connection after its upgrade.</summary>
    private sealed class StreamPair(Stream stream) : HttpContent
    {
        protected override Task<Stream> CreateContentReadStreamAsync() => Task.FromResult(stream);

        protected override Stream CreateContentReadStream(CancellationToken cancellationToken) => stream;

        protected override Task SerializeToStreamAsync(Stream target, TransportContext? context) => throw new NotSupportedException("A connection after its upgrade is no message.");

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                stream.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
