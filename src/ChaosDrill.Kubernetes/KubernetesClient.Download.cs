using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ChaosDrill.Kubernetes;

public sealed partial class KubernetesClient
{
    private const int DownloadLimit = 512 * 1024 * 1024;

    private readonly HttpMessageHandler? inProcess;

    /// <summary>Reads a file from an address that the cluster handed out, such as a pre-signed one; the cluster's credentials never go there.</summary>
    /// <param name="address">The address. A client of a handler in this process asks that handler.</param>
    /// <param name="authority">The certificate authorities to trust instead of this machine's, as PEM; null trusts this machine's.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The HTTP status, and the body of a 200; at most 512 MB.</returns>
    /// <exception cref="ApiUnreachableException">No answer.</exception>
    public async Task<(int Code, ReadOnlyMemory<byte> Body)> DownloadAsync(Uri address, string? authority = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(address);
        var trusted = new X509Certificate2Collection();
        if (authority is not null)
        {
            try
            {
                trusted.ImportFromPem(authority);
            }
            catch (CryptographicException e)
            {
                throw new ApiUnreachableException(UnreachableCause.CertificateUntrusted, $"the certificate authority that the storage location names cannot be read: {e.Message}", e);
            }
        }

        using var carrier = inProcess is not null ? new ApiTransport(new Uri(address, "/"), inProcess, disposeHandler: false, DefaultRequestTimeout, Clock, address.Authority)
            : new ApiTransport(new Uri(address, "/"), Carrier(trusted), disposeHandler: true, DefaultRequestTimeout, Clock, address.Authority);
        var answer = await carrier.SendAsync(
            new ApiRequest(HttpMethod.Get, address.AbsolutePath) { Query = address.Query, Accept = "*/*", BodyLimit = DownloadLimit }, cancellationToken);
        return (answer.Code, answer.IsSuccess ? answer.Body : default);
    }

    private static SocketsHttpHandler Carrier(X509Certificate2Collection trusted)
    {
        var handler = new SocketsHttpHandler { ConnectTimeout = ClusterHandler.ConnectTimeout, AutomaticDecompression = DecompressionMethods.None, UseCookies = false };
        if (trusted.Count > 0)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.AddRange(trusted);
            handler.SslOptions.CertificateChainPolicy = policy;
        }

        return handler;
    }
}
