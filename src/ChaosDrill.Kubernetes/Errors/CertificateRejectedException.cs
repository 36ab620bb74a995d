using System.Security.Authentication;

namespace ChaosDrill.Kubernetes;

/// <summary>Carries the reason for which the server's certificate was rejected out of the TLS handshake.</summary>
internal sealed class CertificateRejectedException(UnreachableCause cause, string message) : AuthenticationException(message)
{
    public UnreachableCause Cause { get; } = cause;
}
