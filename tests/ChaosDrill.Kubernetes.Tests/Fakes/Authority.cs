using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ChaosDrill.Kubernetes.Tests.Fakes;

/// <summary>A certificate authority made for one test.</summary>
internal sealed class Authority
{
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 certificate;
    private int serial;

    public Authority(string name = "test-ca", Authority? parent = null)
    {
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        certificate = parent is null
            ? request.CreateSelfSigned(Clock.AddYears(-1), Clock.AddYears(10))
            : request.Create(parent.certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(parent.key), Clock.AddYears(-1), Clock.AddYears(10), [77]).CopyWithPrivateKey(key);
    }

    // Certificates are checked against the machine's clock, whatever clock a test uses.
    public static DateTimeOffset Clock => TimeProvider.System.GetUtcNow();

    public X509Certificate2 Certificate => certificate;

    public string Pem => certificate.ExportCertificatePem();

    /// <summary>A server's certificate for these names and addresses.</summary>
    public X509Certificate2 Server(string[] names, TimeSpan? validFor = null)
    {
        using var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=kube-apiserver", own, HashAlgorithmName.SHA256);
        var san = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            if (IPAddress.TryParse(name, out var address))
            {
                san.AddIpAddress(address);
            }
            else
            {
                san.AddDnsName(name);
            }
        }

        request.CertificateExtensions.Add(san.Build());
        using var signed = Sign(request, validFor);
        return signed.CopyWithPrivateKey(own);
    }

    /// <summary>A client's certificate and key, as PEM, with the key in the form named.</summary>
    public (string Certificate, string Key) Client(string user, string form)
    {
        if (form.StartsWith("rsa", StringComparison.Ordinal))
        {
            using var rsa = RSA.Create(2048);
            using var signed = Sign(new CertificateRequest($"CN={user}", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1), null);
            return (signed.ExportCertificatePem(), form == "rsa-pkcs1" ? rsa.ExportRSAPrivateKeyPem() : rsa.ExportPkcs8PrivateKeyPem());
        }

        using var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = Sign(new CertificateRequest($"CN={user}", own, HashAlgorithmName.SHA256), null);
        return (certificate.ExportCertificatePem(), form == "ec-sec1" ? own.ExportECPrivateKeyPem() : own.ExportPkcs8PrivateKeyPem());
    }

    private X509Certificate2 Sign(CertificateRequest request, TimeSpan? validFor)
    {
        var life = validFor ?? TimeSpan.FromDays(30);
        var until = Clock + life;
        return request.Create(
            certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(key), Clock.AddDays(-20), until, BitConverter.GetBytes(++serial));
    }
}
