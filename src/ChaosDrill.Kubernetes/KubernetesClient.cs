namespace ChaosDrill.Kubernetes;

/// <summary>Speaks with one Kubernetes API server.</summary>
/// <remarks>
/// Thread-safe. Failed requests throw <see cref="ApiException"/> when the server answered and
/// <see cref="ApiUnreachableException"/> when it did not. Answers that carry Retry-After (429 and 5xx) are waited out and
/// retried up to ten times, as client-go does; evictions and proxied requests never are.
/// All waiting goes through the clock handed in and all continuations stay in the caller's synchronization context, so the
/// client also runs in virtual time against a handler that answers in-process.
/// </remarks>
public sealed partial class KubernetesClient : IAsyncDisposable
{
    /// <summary>How long one request may take unless the configuration says otherwise.</summary>
    public static readonly TimeSpan DefaultRequestTimeout = TimeSpan.FromSeconds(30);

    private readonly ApiTransport transport;
    private readonly ClusterConfiguration? configuration;
    private int seeds;

    /// <summary>Speaks over the network.</summary>
    /// <param name="configuration">Where the server is and who is asking.</param>
    /// <param name="clock">All times and time-outs.</param>
    public KubernetesClient(ClusterConfiguration configuration, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(clock);
        this.configuration = configuration;
        Server = configuration.Server;
        Clock = clock;
        var handler = new ClusterHandler(configuration, clock);
        transport = new ApiTransport(
            configuration.Server,
            handler,
            disposeHandler: true,
            configuration.RequestTimeout ?? DefaultRequestTimeout,
            clock,
            configuration.Describe(),
            handler.LogInAsync);
    }

    /// <summary>Speaks with a handler in this process, or with any other transport.</summary>
    /// <param name="server">The base address; its path is put before each request's.</param>
    /// <param name="transport">Answers the requests; stays the caller's to dispose.</param>
    /// <param name="clock">All times and time-outs.</param>
    /// <remarks>
    /// In virtual time the handler must hand out contents whose stream is at hand (StreamContent, or an own HttpContent
    /// that overrides CreateContentReadStreamAsync) and streams that honour cancellation.
    /// </remarks>
    public KubernetesClient(Uri server, HttpMessageHandler transport, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(server);
        ArgumentNullException.ThrowIfNull(transport);
        ArgumentNullException.ThrowIfNull(clock);
        Server = server;
        Clock = clock;
        inProcess = transport;
        this.transport = new ApiTransport(server, transport, disposeHandler: false, DefaultRequestTimeout, clock, server.GetLeftPart(UriPartial.Authority));
    }

    /// <summary>The server's address.</summary>
    public Uri Server { get; }

    /// <summary>Called before each request that changes something or runs a command, retries included. What it throws keeps the request from being sent.</summary>
    public Action? BeforeChange
    {
        init => transport.BeforeChange = value;
    }

    /// <summary>The clock that stamps what arrives.</summary>
    public TimeProvider Clock { get; }

    /// <summary>Closes the connections. Watches must have ended.</summary>
    public ValueTask DisposeAsync()
    {
        transport.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<ApiAnswer> AskAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        var answer = await transport.SendAsync(request, cancellationToken);
        try
        {
            return AnswerReader.Succeeded(answer, request);
        }
        catch (ApiException refused) when (refused.IsUnauthorized && Expired() is { } expired)
        {
            // The server only says "Unauthorized", and a certificate that ran out is what it means most often.
            throw new ApiException(refused.Status with { Message = $"{refused.Message}: {expired}" }, refused.Verb, refused.Path, null, refused);
        }
    }

    private string? Expired() =>
        configuration is { ClientCertificate: [{ } certificate, ..] } && certificate.NotAfter.ToUniversalTime() < Clock.GetUtcNow().UtcDateTime
            ? $"the client certificate ({certificate.Subject}) expired on {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm} UTC"
            : null;
}
