using System.Net;
using System.Net.Http.Headers;
using Polly;
using Polly.Retry;

namespace ChaosDrill.Kubernetes;

/// <summary>Sends requests and reads answers.</summary>
/// <remarks>
/// Drills also run in virtual time on one thread, whose clock jumps when nothing is runnable. So nothing here leaves the
/// caller's context: no HttpClient, no framework helper that awaits with ConfigureAwait(false) inside, no clock but the
/// one handed in. Bodies are read straight from the stream and parsed in one piece.
/// </remarks>
internal sealed class ApiTransport : IDisposable
{
    private const int ErrorBodyLimit = 256 * 1024;
    private const int MaxRetries = 10;

    // Longer than this is not patience but an outage, and the caller should hear of it.
    private static readonly TimeSpan longestRetryAfter = TimeSpan.FromMinutes(2);
    private static readonly ResiliencePropertyKey<ApiRequest> requestKey = new("request");

    private readonly HttpMessageInvoker invoker;
    private readonly string server;
    private readonly TimeSpan timeout;
    private readonly TimeProvider clock;
    private readonly Func<CancellationToken, Task>? prepare;
    private readonly ResiliencePipeline<ApiAnswer> retries;

    /// <param name="server">The base address.</param>
    /// <param name="handler">Carries the requests.</param>
    /// <param name="disposeHandler">Whether the handler ends with the transport.</param>
    /// <param name="timeout">How long one request may take.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="where">The server and where its address came from, for messages.</param>
    /// <param name="prepare">Runs before each request, outside its time: a login may take longer than a request.</param>
    public ApiTransport(
        Uri server, HttpMessageHandler handler, bool disposeHandler, TimeSpan timeout, TimeProvider clock, string where, Func<CancellationToken, Task>? prepare = null)
    {
        this.prepare = prepare;
        this.server = server.GetLeftPart(UriPartial.Path).TrimEnd('/');
        this.timeout = timeout;
        this.clock = clock;
        Where = where;
        invoker = new HttpMessageInvoker(handler, disposeHandler);
        retries = new ResiliencePipelineBuilder<ApiAnswer> { TimeProvider = clock }
            .AddRetry(new RetryStrategyOptions<ApiAnswer>
            {
                MaxRetryAttempts = MaxRetries,
                ShouldHandle = static arguments => ValueTask.FromResult(ShouldRetry(arguments)),
                DelayGenerator = static arguments => ValueTask.FromResult(arguments.Outcome.Result?.RetryAfter),
                MaxDelay = longestRetryAfter,
            })
            .Build();
    }

    /// <summary>Called before each request that changes something or runs a command.</summary>
    public Action? BeforeChange { get; set; }

    /// <summary>The server and where its address came from, for messages.</summary>
    public string Where { get; }

    /// <summary>Sends a request and reads the whole answer, whatever its status.</summary>
    public async Task<ApiAnswer> SendAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        // Without continueOnCapturedContext Polly would continue on the thread pool, where virtual time does not see it.
        var context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: true, cancellationToken);
        context.Properties.Set(requestKey, request);
        try
        {
            return await retries.ExecuteAsync(
                static async (context, transport) =>
                    await transport.SendOnceAsync(context.Properties.GetValue(requestKey, null!), context.CancellationToken),
                context,
                this);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    /// <summary>Sends a request and hands back the open stream of a good answer; a bad one throws.</summary>
    public Task<OpenedStream> OpenAsync(ApiRequest request, CancellationToken cancellationToken) =>
        OpenAsync(request, Message(request), code => code is >= 200 and < 300, cancellationToken);

    /// <summary>Sends a request that asks to go on as a WebSocket, and hands back the open stream to both sides; a refusal throws.</summary>
    public async Task<OpenedStream> UpgradeAsync(ApiRequest request, WebSocketHandshake handshake, CancellationToken cancellationToken)
    {
        var message = Message(request);
        handshake.Prepare(message);
        BeforeChange?.Invoke();
        var opened = await OpenAsync(request, message, code => code == 101, cancellationToken);
        if (handshake.Refuse(opened.Response) is not { } why)
        {
            return opened;
        }

        opened.Dispose();
        throw AnswerReader.Unreadable(request, 101, why);
    }

    private async Task<OpenedStream> OpenAsync(ApiRequest request, HttpRequestMessage message, Func<int, bool> isGood, CancellationToken cancellationToken)
    {
        if (prepare is not null)
        {
            await prepare(cancellationToken);
        }

        using var limit = new CancellationTokenSource(timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        HttpResponseMessage? response = null;
        try
        {
            response = await invoker.SendAsync(message, either.Token);
            if (!isGood((int)response.StatusCode))
            {
                throw AnswerReader.Failure(await ReadAsync(request, response, either.Token), request);
            }

            var opened = new OpenedStream(response, await response.Content.ReadAsStreamAsync(either.Token));
            response = null;
            return opened;
        }
        catch (Exception error) when (Translate(error, cancellationToken) is { } translated)
        {
            throw translated;
        }
        finally
        {
            response?.Dispose();
        }
    }

    /// <summary>Makes an exception of ours from one of the transport; null when it is none of the transport's.</summary>
    public Exception? Translate(Exception error, CancellationToken callers) => error switch
    {
        // The caller's own cancellation, however the transport dressed it.
        _ when callers.IsCancellationRequested && (error is OperationCanceledException || TransportFailure.IsTransport(error)) =>
            error is OperationCanceledException { CancellationToken: var token } && token == callers
                ? null
                : new OperationCanceledException("The request was cancelled.", error, callers),
        OperationCanceledException { InnerException: TimeoutException } => TransportFailure.Unconnected(ClusterHandler.ConnectTimeout, Where, error),
        OperationCanceledException => TransportFailure.TimedOut(timeout, Where, error),
        _ when TransportFailure.IsTransport(error) => TransportFailure.Explain(error, Where),
        _ => null,
    };

    public void Dispose() => invoker.Dispose();

    private static bool ShouldRetry(RetryPredicateArguments<ApiAnswer> arguments) =>
        arguments.Outcome.Result is { Code: 429 or >= 500, RetryAfter: { } delay }
        && delay <= longestRetryAfter
        && arguments.Context.Properties.GetValue(requestKey, null!).Retries;

    private async Task<ApiAnswer> SendOnceAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        if (prepare is not null)
        {
            await prepare(cancellationToken);
        }

        if (request.Method != HttpMethod.Get)
        {
            BeforeChange?.Invoke();
        }

        using var limit = new CancellationTokenSource(timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            using var response = await invoker.SendAsync(Message(request), either.Token);
            return await ReadAsync(request, response, either.Token);
        }
        catch (Exception error) when (Translate(error, cancellationToken) is { } translated)
        {
            throw translated;
        }
    }

    private HttpRequestMessage Message(ApiRequest request)
    {
        var message = new HttpRequestMessage(request.Method, server + request.Path + request.Query)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        message.Headers.TryAddWithoutValidation("Accept", request.Accept);
        message.Headers.TryAddWithoutValidation("User-Agent", "chaosdrill");
        if (request.Body is { } body)
        {
            message.Content = new ReadOnlyMemoryContent(body);
            message.Content.Headers.ContentType = new MediaTypeHeaderValue(request.MediaType);
        }

        return message;
    }

    private async Task<ApiAnswer> ReadAsync(ApiRequest request, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var code = (int)response.StatusCode;
        var good = code is >= 200 and < 300;
        var limit = good || request.CutsOff ? request.BodyLimit : ErrorBodyLimit;
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[Math.Clamp(response.Content.Headers.ContentLength ?? 0, 4096, 1024 * 1024)];
        var length = 0;
        var truncated = false;
        while (true)
        {
            if (length == buffer.Length)
            {
                Array.Resize(ref buffer, (int)Math.Min((long)buffer.Length * 2, Math.Max(limit + 1L, buffer.Length + 1L)));
            }

            var read = await stream.ReadAsync(buffer.AsMemory(length), cancellationToken);
            if (read == 0)
            {
                break;
            }

            length += read;
            if (length > limit)
            {
                truncated = true;
                length = limit;
                break;
            }
        }

        if (truncated && good && !request.CutsOff)
        {
            throw AnswerReader.Unreadable(request, code, $"the answer is larger than {limit / (1024 * 1024)} MB");
        }

        return new ApiAnswer(
            code, RetryAfter(response), response.Content.Headers.ContentType?.MediaType, buffer.AsMemory(0, length), truncated, clock.GetTimestamp());
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        var header = response.Headers.RetryAfter;
        var delay = header?.Delta ?? (header?.Date is { } date ? date - clock.GetUtcNow() : null);
        return delay is { Ticks: < 0 } ? TimeSpan.Zero : delay;
    }
}

/// <summary>A good answer whose body is still arriving.</summary>
internal sealed record OpenedStream(HttpResponseMessage Response, Stream Stream) : IDisposable
{
    public void Dispose() => Response.Dispose();
}
