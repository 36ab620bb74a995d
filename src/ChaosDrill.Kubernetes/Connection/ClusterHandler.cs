using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace ChaosDrill.Kubernetes;

/// <summary>Carries requests over the network, signed.</summary>
internal sealed class ClusterHandler : HttpMessageHandler
{
    internal static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    private readonly ClusterConfiguration configuration;
    private readonly ICredentialSource credentials;
    private readonly ServerCertificate judge;
    private readonly string? host;
    private readonly Lock door = new();
    private readonly List<HttpMessageInvoker> retired = [];
    private HttpMessageInvoker? invoker;
    private X509Certificate2Collection? certificateInUse;

    public ClusterHandler(ClusterConfiguration configuration, TimeProvider clock)
    {
        this.configuration = configuration;
        judge = new ServerCertificate(configuration, clock);
        credentials = configuration switch
        {
            { Exec: { } plugin } => new ExecCredentialSource(plugin, configuration, clock),
            { TokenFile: { Length: > 0 } file } => new TokenFileCredential(file, configuration.Token, clock),
            _ => FixedCredential.From(configuration),
        };

        // SocketsHttpHandler ignores SslOptions.TargetHost and takes the name from the Host header; the address it dials,
        // also through a proxy, stays the URI's.
        host = configuration.TlsServerName is { Length: > 0 } name
            ? string.Create(CultureInfo.InvariantCulture, $"{name}:{configuration.Server.Port}")
            : null;
    }

    /// <summary>Sees to it that a credential is at hand.</summary>
    public async Task LogInAsync(CancellationToken cancellationToken) => await credentials.GetAsync(cancellationToken);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var credential = await credentials.GetAsync(cancellationToken);
        Sign(request, credential);
        var response = await Invoker(credential).SendAsync(request, cancellationToken);
        if (response.StatusCode != HttpStatusCode.Unauthorized || !credentials.Refused(credential))
        {
            return response;
        }

        // A rotated token or an early expiry: once more with a fresh one.
        response.Dispose();
        credential = await credentials.GetAsync(cancellationToken);
        Sign(request, credential);
        return await Invoker(credential).SendAsync(request, cancellationToken);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            (credentials as IDisposable)?.Dispose();
            lock (door)
            {
                invoker?.Dispose();
                retired.ForEach(old => old.Dispose());
                retired.Clear();
            }
        }

        base.Dispose(disposing);
    }

    private void Sign(HttpRequestMessage request, Credential credential)
    {
        request.Headers.Authorization = credential.Authorization;
        request.Headers.Host = host;
        if (configuration.Impersonate is not { } other)
        {
            return;
        }

        if (other.NeedsHeaderLines)
        {
            request.Version = HttpVersion.Version11;
        }

        Set("Impersonate-User", other.User is { Length: > 0 } user ? [user] : []);
        Set("Impersonate-Uid", other.Uid is { Length: > 0 } uid ? [uid] : []);
        Set("Impersonate-Group", other.Groups);
        foreach (var (key, values) in other.Extra)
        {
            Set("Impersonate-Extra-" + Uri.EscapeDataString(key), values);
        }

        void Set(string name, IReadOnlyList<string> values)
        {
            request.Headers.Remove(name);
            if (values.Count > 0)
            {
                request.Headers.TryAddWithoutValidation(name, HeaderLines.Join(name, values));
            }
        }
    }

    private HttpMessageInvoker Invoker(Credential credential)
    {
        lock (door)
        {
            if (invoker is not null && ReferenceEquals(certificateInUse, credential.Certificate))
            {
                return invoker;
            }

            // Connections are bound to the certificate they were opened with; watches under way may finish on the old one.
            if (invoker is not null)
            {
                retired.Add(invoker);
            }

            certificateInUse = credential.Certificate;
            return invoker = new HttpMessageInvoker(Connect(credential.Certificate ?? configuration.ClientCertificate));
        }
    }

    private SocketsHttpHandler Connect(X509Certificate2Collection certificate)
    {
        var tls = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = judge.Validate,
            CertificateChainPolicy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck },
        };
        if (configuration.CertificateAuthority.Count > 0)
        {
            tls.CertificateChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            tls.CertificateChainPolicy.CustomTrustStore.AddRange(configuration.CertificateAuthority);
        }

        if (certificate.Count > 0)
        {
            tls.ClientCertificateContext = SslStreamCertificateContext.Create(certificate[0], [.. certificate.Skip(1)], offline: true);
        }

        return new SocketsHttpHandler
        {
            SslOptions = tls,
            Proxy = ClusterProxy.For(configuration),
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.GZip,
            ConnectTimeout = ConnectTimeout,
            PlaintextStreamFilter = configuration.Impersonate is { NeedsHeaderLines: true }
                ? static (context, _) => ValueTask.FromResult<Stream>(new HeaderLines(context.PlaintextStream))
                : null,

            // The server allows 100 streams a connection; without this the 101st watch, and every request after it, hangs.
            EnableMultipleHttp2Connections = true,

            // Without pings a server that hangs is never noticed.
            KeepAlivePingDelay = configuration.KeepAlive,
            KeepAlivePingTimeout = configuration.KeepAlive,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
        };
    }
}
