using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ChaosDrill.Twin.Serving;

/// <summary>The certificate authority of one twin: made at start, kept in memory, forgotten with it.</summary>
internal sealed class CertificateAuthority : IDisposable
{
    private readonly X509Certificate2 root;
    private static readonly TimeSpan Life = TimeSpan.FromDays(365);

    private readonly DateTimeOffset now;
    private readonly DateTimeOffset from;

    public CertificateAuthority(TimeProvider clock)
    {
        now = clock.GetUtcNow();
        from = now.AddHours(-1);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=chaosdrill-twin-ca", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        root = request.CreateSelfSigned(from, now + Life);
    }

    public string Pem => root.ExportCertificatePem();

    public X509Certificate2 IssueServer(TimeSpan lifetime)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddDnsName("kubernetes");
        names.AddDnsName("kubernetes.default.svc");
        names.AddIpAddress(IPAddress.Loopback);
        using var issued = Issue("CN=chaosdrill-twin", "1.3.6.1.5.5.7.3.1", names, lifetime);

        // TLS on some platforms does not accept a key that only lives in memory; a round trip through PKCS#12 gives it a home.
        return X509CertificateLoader.LoadPkcs12(issued.Export(X509ContentType.Pkcs12), null);
    }

    /// <summary>A client certificate: the common name is the user, each organization a group.</summary>
    public (string Certificate, string Key) IssueClient(string user, IEnumerable<string> groups, TimeSpan? lifetime = null)
    {
        var subject = $"CN={user}{string.Concat(groups.Select(g => $", O={g}"))}";
        using var issued = Issue(subject, "1.3.6.1.5.5.7.3.2", null, lifetime ?? Life);
        using var key = issued.GetECDsaPrivateKey()!;
        return (issued.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>Whether this authority issued a certificate that is valid now.</summary>
    public bool Issued(X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(root);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.2"));
        return chain.Build(certificate);
    }

    public void Dispose() => root.Dispose();

    private X509Certificate2 Issue(string subject, string usage, SubjectAlternativeNameBuilder? names, TimeSpan lifetime)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        if (names is not null)
        {
            request.CertificateExtensions.Add(names.Build());
        }

        using var bare = request.Create(root, from, now + lifetime, RandomNumberGenerator.GetBytes(16));
        return bare.CopyWithPrivateKey(key);
    }
}
