namespace ChaosDrill.Twin;

/// <summary>How a twin is served over HTTPS.</summary>
public sealed record TwinServerOptions
{
    /// <summary>The port on 127.0.0.1; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>How long from now on the server's certificate is valid, at least minus one hour; below zero it has expired already, as forgotten certificates do.</summary>
    public TimeSpan CertificateLifetime { get; init; } = TimeSpan.FromDays(365);
}
