using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace ChaosDrill.Kubernetes;

/// <summary>Judges the server's certificate and says in one sentence what is wrong with it.</summary>
internal sealed class ServerCertificate(ClusterConfiguration configuration, TimeProvider clock)
{
    public bool Validate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (configuration.InsecureSkipTlsVerify || errors == SslPolicyErrors.None)
        {
            return true;
        }

        if (certificate is not X509Certificate2 server)
        {
            throw new CertificateRejectedException(UnreachableCause.TlsFailed, "the server showed no certificate; is this the HTTPS port of an API server?");
        }

        var status = chain is null ? X509ChainStatusFlags.NoError : chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status);
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) && !(status == X509ChainStatusFlags.PartialChain && EndsAtAuthority(chain!)))
        {
            throw status.HasFlag(X509ChainStatusFlags.NotTimeValid) ? Untimely(server, chain!) : Untrusted(server);
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            throw Mismatch(server);
        }

        return true;
    }

    /// <summary>As in Go, a trusted certificate need not be a root.</summary>
    private bool EndsAtAuthority(X509Chain chain) => chain.ChainElements.Any(element =>
        configuration.CertificateAuthority.Any(trusted => trusted.RawDataMemory.Span.SequenceEqual(element.Certificate.RawDataMemory.Span)));

    private CertificateRejectedException Untimely(X509Certificate2 server, X509Chain chain)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var bad = chain.ChainElements.Select(element => element.Certificate)
            .FirstOrDefault(one => one.NotAfter.ToUniversalTime() < now || one.NotBefore.ToUniversalTime() > now) ?? server;
        var whose = ReferenceEquals(bad, chain.ChainElements[0].Certificate) ? "the server's certificate" : $"the authority \"{bad.Subject}\" of the server's certificate";
        return bad.NotBefore.ToUniversalTime() > now
            ? new(UnreachableCause.CertificateExpired, $"{whose} is not valid before {bad.NotBefore.ToUniversalTime():yyyy-MM-dd HH:mm} UTC; check this machine's clock")
            : new(UnreachableCause.CertificateExpired, $"{whose} expired on {bad.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm} UTC; renew it (kubeadm certs renew), or check this machine's clock");
    }

    private CertificateRejectedException Untrusted(X509Certificate2 server)
    {
        var trusted = configuration.CertificateAuthority.Count > 0
            ? $"not by the certificate-authority in use ({string.Join("; ", configuration.CertificateAuthority.Select(one => one.Subject))}); fetch the kubeconfig of this cluster anew, it may have been rebuilt"
            : "which this machine does not trust; set certificate-authority in the kubeconfig";
        return new(UnreachableCause.CertificateUntrusted, $"the server's certificate was signed by unknown authority \"{server.Issuer}\", {trusted}");
    }

    private CertificateRejectedException Mismatch(X509Certificate2 server)
    {
        var names = server.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(extension => extension.EnumerateDnsNames().Concat(extension.EnumerateIPAddresses().Select(address => address.ToString()))).ToList();
        var valid = names.Count == 0 ? "no name at all" : string.Join(", ", names);
        return new(
            UnreachableCause.CertificateNameMismatch,
            $"the server's certificate is for {valid}, not for \"{configuration.TlsServerName ?? configuration.Server.Host}\"; use one of these in the server address, or set tls-server-name in the kubeconfig");
    }
}
