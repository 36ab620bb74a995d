using System.Net.Sockets;
using System.Security.Authentication;

namespace ChaosDrill.Kubernetes;

/// <summary>Turns what the transport throws into one sentence with a mend.</summary>
internal static class TransportFailure
{
    public static bool IsTransport(Exception error) => error is HttpRequestException or IOException or SocketException or AuthenticationException;

    public static ApiUnreachableException Explain(Exception error, string where)
    {
        var (cause, what) = Judge(error);
        return new ApiUnreachableException(cause, $"cannot reach the Kubernetes API server {where}: {what}", error);
    }

    public static ApiUnreachableException TimedOut(TimeSpan limit, string where, Exception inner) => new(
        UnreachableCause.TimedOut,
        $"the Kubernetes API server {where} did not answer within {limit.TotalSeconds:0.###} s; it hangs, is overloaded, or a firewall drops the packets",
        inner);

    public static ApiUnreachableException Unconnected(TimeSpan limit, string where, Exception inner) => new(
        UnreachableCause.TimedOut,
        $"cannot reach the Kubernetes API server {where}: no connection within {limit.TotalSeconds:0.###} s; check the address, firewall and VPN",
        inner);

    private static (UnreachableCause Cause, string What) Judge(Exception error)
    {
        for (var inner = error; inner is not null; inner = inner.InnerException)
        {
            switch (inner)
            {
                case CertificateRejectedException rejected:
                    return (rejected.Cause, rejected.Message);
                case SocketException { SocketErrorCode: SocketError.ConnectionRefused }:
                    return (UnreachableCause.ConnectionRefused, "connection refused, nothing listens there; start the cluster, or correct the server address in the kubeconfig");
                case SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData }:
                    return (UnreachableCause.NameNotResolved, "the host name has no address; correct the server address in the kubeconfig, or check DNS and VPN");
                case SocketException { SocketErrorCode: SocketError.NetworkUnreachable or SocketError.HostUnreachable }:
                    return (UnreachableCause.NoRoute, "there is no route to the host; check the network and VPN");
                case SocketException { SocketErrorCode: SocketError.TimedOut }:
                    return (UnreachableCause.TimedOut, "the connection timed out; check the address, firewall and VPN");
            }
        }

        return error switch
        {
            HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError } =>
                (UnreachableCause.ProxyFailed, $"the proxy did not open a tunnel ({error.Message}); check proxy-url, HTTPS_PROXY and NO_PROXY"),
            HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } =>
                (UnreachableCause.NameNotResolved, "the host name has no address; correct the server address in the kubeconfig, or check DNS and VPN"),
            HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } =>
                (UnreachableCause.TlsFailed, $"TLS failed ({Innermost(error)}); is this the HTTPS port, and does the server accept the client certificate?"),
            HttpIOException or IOException or HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded or HttpRequestError.HttpProtocolError } =>
                (UnreachableCause.ConnectionLost, $"the connection broke ({Innermost(error)}); the server may be restarting"),
            _ => (UnreachableCause.Other, Innermost(error)),
        };
    }

    private static string Innermost(Exception error)
    {
        while (error.InnerException is { } inner)
        {
            error = inner;
        }

        return error.Message.TrimEnd('.');
    }
}
