using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace ChaosDrill.Web;

/// <summary>Who may ask. A token, where there is one; and never a page of another site in somebody's browser.</summary>
internal sealed class Gate(string? token)
{
    private readonly byte[]? _token = token is null ? null : SHA256.HashData(Encoding.UTF8.GetBytes(token));

    /// <summary>Why a request is turned away, with its status; null when it may pass.</summary>
    public (int Status, string Reason)? Refuses(HttpRequest request)
    {
        // Health says nothing that is worth a token, and whoever asks for it, such as a kubelet, has none.
        if (request.Path.Value is "/healthz" or "/readyz")
        {
            return null;
        }

        // A page that had its own name point here would be answered as if it were of this machine.
        if (_token is null && !IsLoopback(request.Host.Host))
        {
            return (StatusCodes.Status403Forbidden, $"this worker answers to 127.0.0.1 and localhost, not to \"{request.Host.Host}\"");
        }

        if (request.Headers.Origin is [{ } origin, ..] && !(Uri.TryCreate(origin, UriKind.Absolute, out var from) && from.Authority == request.Host.Value))
        {
            return (StatusCodes.Status403Forbidden, "a page of another site asks");
        }

        return _token is null || Knows(request.Headers.Authorization) ? null : (StatusCodes.Status401Unauthorized, "a bearer token is needed; it is in the worker's --token-file");
    }

    private static bool IsLoopback(string host) =>
        host is "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private bool Knows(string? authorization) =>
        authorization is not null && authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
        && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(authorization["Bearer ".Length..].Trim())), _token);
}
