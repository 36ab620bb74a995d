using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ChaosDrill.Actions.Etcd.Client;

/// <summary>Where etcd is and with which certificates it is asked; never their content.</summary>
/// <param name="Endpoints">Addresses of members, <c>https://10.0.0.1:2379</c>.</param>
/// <param name="CaFile">Authority that signed the members' certificates.</param>
/// <param name="CertFile">Own certificate.</param>
/// <param name="KeyFile">Its key.</param>
internal sealed record EtcdAccess(IReadOnlyList<string> Endpoints, string? CaFile = null, string? CertFile = null, string? KeyFile = null)
{
    /// <summary>The same certificates, for one endpoint.</summary>
    public EtcdAccess At(string endpoint) => this with { Endpoints = [endpoint] };

    /// <summary>The arguments that every call of etcdctl begins with.</summary>
    public IReadOnlyList<string> Arguments =>
    [
        "--endpoints=" + string.Join(',', Endpoints),
        .. CaFile is null ? [] : new[] { "--cacert=" + CaFile },
        .. CertFile is null ? [] : new[] { "--cert=" + CertFile },
        .. KeyFile is null ? [] : new[] { "--key=" + KeyFile },
    ];

    /// <summary>A handler that speaks with the members and trusts only their authority.</summary>
    /// <exception cref="EtcdException">A certificate cannot be read.</exception>
    public SocketsHttpHandler Handler()
    {
        var handler = new SocketsHttpHandler { UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(5), EnableMultipleHttp2Connections = false };
        if (CaFile is not null)
        {
            var authority = Load(CaFile, () => X509CertificateLoader.LoadCertificateFromFile(CaFile));
            handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, errors) => IsSignedBy(authority, certificate, errors);
        }

        if (CertFile is not null)
        {
            handler.SslOptions.ClientCertificates = [Load(KeyFile is null ? CertFile : $"{CertFile} with key {KeyFile}", () => X509Certificate2.CreateFromPemFile(CertFile, KeyFile))];
        }

        return handler;
    }

    private static bool IsSignedBy(X509Certificate2 authority, X509Certificate? certificate, SslPolicyErrors errors)
    {
        if (certificate is null || (errors & SslPolicyErrors.RemoteCertificateNameMismatch) != 0)
        {
            return false;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        using var leaf = new X509Certificate2(certificate);
        return chain.Build(leaf);
    }

    private static X509Certificate2 Load(string file, Func<X509Certificate2> load)
    {
        try
        {
            return load();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new EtcdException($"certificate {file} cannot be used: {e.Message}; correct the path, or run where it can be read (usually root on a control-plane node)", null, e);
        }
    }
}
