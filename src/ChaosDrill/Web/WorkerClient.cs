using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ChaosDrill.Hosting;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Web;

/// <summary>Speaks with a worker over HTTP.</summary>
internal sealed class WorkerClient : IDisposable
{
    private readonly HttpClient _http;

    /// <summary>Prepares to speak with a worker.</summary>
    /// <param name="url">Where it listens; null is <c>$CHAOSDRILL_WORKER</c>, else where workers usually do.</param>
    /// <param name="tokenFile">File with its token; null is none.</param>
    /// <param name="authorityFile">Certificate that the worker's is signed with; null is those that this machine knows.</param>
    /// <exception cref="CommandException">The address or a file is not usable.</exception>
    public WorkerClient(string? url, string? tokenFile, string? authorityFile = null)
    {
        var named = url ?? (Environment.GetEnvironmentVariable("CHAOSDRILL_WORKER") is { Length: > 0 } set ? set : "http://" + WebOptions.Usual);
        if (!Uri.TryCreate(named, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            throw new CommandException(ExitCode.BadUsage, $"a worker's address is a URL such as http://{WebOptions.Usual}, not \"{named}\"");
        }

        var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(5) };
        if (authorityFile is not null)
        {
            handler.SslOptions.CertificateChainPolicy = Trust(authorityFile);
        }

        _http = new HttpClient(handler) { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };
        if (tokenFile is not null)
        {
            try
            {
                _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", File.ReadAllText(tokenFile).Trim());
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new CommandException(ExitCode.BadUsage, $"the token file {tokenFile} cannot be read: {FileFaults.Explain(e, tokenFile)}", e);
            }
        }
    }

    private static X509ChainPolicy Trust(string file)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        try
        {
            policy.CustomTrustStore.ImportFromPemFile(file);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.BadUsage, $"the certificate {file} cannot be used: {FileFaults.Explain(e, file)}", e);
        }

        return policy.CustomTrustStore.Count > 0 ? policy : throw new CommandException(ExitCode.BadUsage, $"there is no certificate in {file}; it is a PEM file");
    }

    /// <summary>Asks for a document.</summary>
    /// <exception cref="CommandException">The worker cannot be reached, or refuses.</exception>
    public Task<JsonNode> GetAsync(string path, CancellationToken cancellationToken) => SendAsync(HttpMethod.Get, path, null, cancellationToken);

    /// <summary>Asks for something to be done.</summary>
    /// <exception cref="CommandException">The worker cannot be reached, or refuses.</exception>
    public Task<JsonNode> PostAsync(string path, JsonObject body, CancellationToken cancellationToken) => SendAsync(HttpMethod.Post, path, body, cancellationToken);

    /// <summary>The timeline of a drill, as it grows, to its end.</summary>
    public async IAsyncEnumerable<TimelineEntry> EventsAsync(string drill, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var response = await ReachAsync(new HttpRequestMessage(HttpMethod.Get, $"api/v1/drills/{Uri.EscapeDataString(drill)}/events"), cancellationToken);
        response.EnsureSuccessStatusCode();
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        while (await reader.ReadLineAsync(cancellationToken) is { } line && line != "event: end")
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                yield return JsonSerializer.Deserialize(line.AsSpan(6), DrillJson.Default.TimelineEntry)!;
            }
        }
    }

    /// <inheritdoc />
    public void Dispose() => _http.Dispose();

    private async Task<JsonNode> SendAsync(HttpMethod method, string path, JsonObject? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        }

        using var response = await ReachAsync(request, cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        JsonNode? answer;
        try
        {
            answer = JsonNode.Parse(text);
        }
        catch (JsonException e)
        {
            throw new CommandException(ExitCode.Refused, $"{_http.BaseAddress} does not answer as a worker does; name another with --worker", e);
        }

        return response.IsSuccessStatusCode
            ? answer!
            : throw new CommandException(
                response.StatusCode == HttpStatusCode.NotFound ? ExitCode.BadUsage : ExitCode.Refused,
                (string?)(answer as JsonObject)?["error"] ?? (string?)(answer as JsonObject)?["reason"] ?? $"the worker answers {(int)response.StatusCode}");
    }

    private async Task<HttpResponseMessage> ReachAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            if (e.HttpRequestError == HttpRequestError.SecureConnectionError)
            {
                throw new CommandException(
                    ExitCode.Refused, $"no secure connection to {_http.BaseAddress}: {(e.InnerException ?? e).Message.TrimEnd('.')}; name the certificate that the worker's is signed with: --ca-file", e);
            }

            throw new CommandException(
                ExitCode.Refused, $"no worker answers at {_http.BaseAddress}: {e.Message.TrimEnd('.')}; start one with: chaosdrill worker --scenarios DIR, or name another with --worker", e);
        }
    }
}
