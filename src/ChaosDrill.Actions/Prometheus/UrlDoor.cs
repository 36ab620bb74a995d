using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Prometheus;

/// <summary>The way over the network, with a token where there is one.</summary>
internal sealed class UrlDoor : IPrometheusDoor
{
    private readonly PrometheusSpec _spec;
    private readonly string _folder;
    private readonly Uri _url;
    private readonly Lazy<HttpMessageInvoker> _http;

    public UrlDoor(PrometheusSpec spec, string folder)
    {
        (_spec, _folder, _url) = (spec, folder, new Uri(spec.Url!.TrimEnd('/')));
        _http = new Lazy<HttpMessageInvoker>(Open);
    }

    public string Name => $"Prometheus at {_url.GetLeftPart(UriPartial.Path).TrimEnd('/')}";

    public async Task<(int Status, string Body)> GetAsync(string path, CancellationToken cancellationToken)
    {
        var token = Token();
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, _url.GetLeftPart(UriPartial.Path).TrimEnd('/') + path);
            request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
            using var response = await _http.Value.SendAsync(request, cancellationToken);
            await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
            return ((int)response.StatusCode, Without(await ReadAsync(stream, cancellationToken), token));
        }
        catch (Exception e) when (e is HttpRequestException or IOException or CryptographicException)
        {
            throw new PrometheusException(Without(e.InnerException?.Message ?? e.Message, token));
        }
    }

    public void Dispose()
    {
        if (_http.IsValueCreated)
        {
            _http.Value.Dispose();
        }
    }

    private static async Task<string> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        var buffer = new byte[32 * 1024];
        for (int read; (read = await stream.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            body.Write(buffer, 0, read);
            if (body.Length > IPrometheusDoor.MostBytes)
            {
                throw IPrometheusDoor.TooLarge();
            }
        }

        return Encoding.UTF8.GetString(body.GetBuffer(), 0, (int)body.Length);
    }

    // Whoever echoes what was sent must not get it into a timeline.
    private static string Without(string text, string? token) => token is null ? text : text.Replace(token, "***", StringComparison.Ordinal);

    private string? Token()
    {
        string token;
        if (_spec.TokenEnv is { } variable)
        {
            token = Environment.GetEnvironmentVariable(variable) ?? throw new PrometheusException($"the environment variable {variable} with its token is not set");
        }
        else if (_spec.TokenFile is { } file)
        {
            try
            {
                token = File.ReadAllText(Path.Combine(_folder, file)).Trim();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new PrometheusException($"the file with its token cannot be read: {e.Message}");
            }
        }
        else
        {
            return null;
        }

        return token.Length > 0 && token.All(c => c is > ' ' and <= '~') ? token
            : throw new PrometheusException($"what {_spec.TokenEnv ?? _spec.TokenFile} holds is no token: it is empty, or has spaces or other characters that no header can carry");
    }

    private HttpMessageInvoker Open()
    {
        // A redirect would carry the token to somebody else.
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false, UseCookies = false, AutomaticDecompression = DecompressionMethods.All, PooledConnectionLifetime = TimeSpan.FromMinutes(1),
        };
        if (_spec.CaFile is { } file)
        {
            var authorities = new X509Certificate2Collection();
            authorities.ImportFromPemFile(Path.Combine(_folder, file));
            handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            handler.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        }

        return new HttpMessageInvoker(handler);
    }
}
