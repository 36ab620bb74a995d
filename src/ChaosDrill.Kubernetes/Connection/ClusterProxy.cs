using System.Globalization;
using System.Net;

namespace ChaosDrill.Kubernetes;

/// <summary>Chooses the proxy: the cluster's own, else what the environment says, read as Go reads it.</summary>
internal sealed class ClusterProxy : IWebProxy
{
    private readonly Uri proxy;
    private readonly IReadOnlyList<string>? exceptions;

    /// <param name="proxy">The proxy.</param>
    /// <param name="exceptions">What NO_PROXY lists; null for a cluster's own proxy, which has no exceptions.</param>
    private ClusterProxy(Uri proxy, IReadOnlyList<string>? exceptions)
    {
        this.proxy = proxy;
        this.exceptions = exceptions;
        var colon = proxy.UserInfo.IndexOf(':', StringComparison.Ordinal);
        if (proxy.UserInfo.Length > 0)
        {
            Credentials = new NetworkCredential(
                Uri.UnescapeDataString(colon < 0 ? proxy.UserInfo : proxy.UserInfo[..colon]),
                colon < 0 ? "" : Uri.UnescapeDataString(proxy.UserInfo[(colon + 1)..]));
        }
    }

    public ICredentials? Credentials { get; set; }

    /// <summary>The proxy to hand to the socket handler; one that bypasses everything where none is wanted.</summary>
    public static IWebProxy For(ClusterConfiguration configuration)
    {
        if (configuration.Proxy is { } own)
        {
            return new ClusterProxy(own, null);
        }

        var read = configuration.Environment ?? Environment.GetEnvironmentVariable;
        var name = configuration.Server.Scheme == Uri.UriSchemeHttps ? "HTTPS_PROXY" : "HTTP_PROXY";
        var value = First(read, name);
        if (string.IsNullOrEmpty(value))
        {
            return new WebProxy();
        }

        var exceptions = (First(read, "NO_PROXY") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return new ClusterProxy(Parse(value, name), exceptions);
    }

    /// <summary>Reads a proxy's address; without a scheme it is an HTTP proxy.</summary>
    public static Uri Parse(string value, string origin) =>
        Uri.TryCreate(value.Contains("://", StringComparison.Ordinal) ? value : "http://" + value, UriKind.Absolute, out var uri)
        && uri.Scheme is "http" or "https" or "socks5" or "socks5h" && uri.Host.Length > 0
            ? uri.Scheme == "socks5h" ? new UriBuilder(uri) { Scheme = "socks5" }.Uri : uri
            : throw new KubeconfigException($"{origin} is no proxy address; write http://HOST:PORT, https://HOST:PORT or socks5://HOST:PORT");

    public Uri? GetProxy(Uri destination) => IsBypassed(destination) ? null : proxy;

    public bool IsBypassed(Uri host)
    {
        if (exceptions is null)
        {
            return false;
        }

        var name = host.IdnHost.TrimEnd('.').ToLowerInvariant();
        var address = IPAddress.TryParse(name.Trim('[', ']'), out var ip) ? ip : null;
        return name == "localhost" || (address is not null && IPAddress.IsLoopback(address))
            || exceptions.Any(exception => Matches(exception.ToLowerInvariant(), name, address, host.Port));
    }

    private static string? First(Func<string, string?> read, string name) =>
        read(name) is { Length: > 0 } value ? value : read(name.ToLowerInvariant());

    private static bool Matches(string exception, string name, IPAddress? address, int port)
    {
        if (exception == "*")
        {
            return true;
        }

        if (IPNetwork.TryParse(exception, out var network))
        {
            return address is not null && network.Contains(address);
        }

        var colon = exception.LastIndexOf(':');
        if (colon > 0 && exception.IndexOf(':', StringComparison.Ordinal) == colon
            && int.TryParse(exception.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var only))
        {
            if (only != port)
            {
                return false;
            }

            exception = exception[..colon];
        }

        if (IPAddress.TryParse(exception, out var single))
        {
            return single.Equals(address);
        }

        var domain = exception.StartsWith("*.", StringComparison.Ordinal) ? exception[1..] : exception;
        return domain.StartsWith('.')
            ? name.EndsWith(domain, StringComparison.Ordinal)
            : name == domain || name.EndsWith("." + domain, StringComparison.Ordinal);
    }
}
