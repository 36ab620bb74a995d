namespace ChaosDrill.Kubernetes;

/// <summary>Why no answer came.</summary>
public enum UnreachableCause
{
    /// <summary>Something else; the message says what.</summary>
    Other,

    /// <summary>Nothing listens at the address.</summary>
    ConnectionRefused,

    /// <summary>The host has no address.</summary>
    NameNotResolved,

    /// <summary>No way leads to the host.</summary>
    NoRoute,

    /// <summary>The certificate's time is over, or has not begun.</summary>
    CertificateExpired,

    /// <summary>The certificate was signed by somebody unknown.</summary>
    CertificateUntrusted,

    /// <summary>The certificate is for another name.</summary>
    CertificateNameMismatch,

    /// <summary>TLS failed in another way.</summary>
    TlsFailed,

    /// <summary>The server took too long.</summary>
    TimedOut,

    /// <summary>The connection broke before the answer was whole.</summary>
    ConnectionLost,

    /// <summary>The proxy refused or failed.</summary>
    ProxyFailed,
}

/// <summary>The API server gave no answer. The message says what, where and how to mend it; it carries no credentials.</summary>
public sealed class ApiUnreachableException : Exception
{
    /// <summary>Makes one.</summary>
    /// <param name="cause">Why.</param>
    /// <param name="message">What, where and how to mend it.</param>
    /// <param name="inner">What the transport said.</param>
    public ApiUnreachableException(UnreachableCause cause, string message, Exception? inner = null)
        : base(message, inner) => Cause = cause;

    /// <summary>Why no answer came.</summary>
    public UnreachableCause Cause { get; }
}
