namespace ChaosDrill.Twin;

/// <summary>How a twin is served over HTTPS.</summary>
public sealed record TwinServerOptions
{
    /// <summary>The port on 127.0.0.1; 0 takes a free one.</summary>
    public int Port { get; init; }
}
