using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace ChaosDrill.Kubernetes;

/// <summary>Asks a server to go on as a WebSocket, and checks its answer.</summary>
/// <remarks>
/// Source: RFC 6455, section 4. It is done here and not by ClientWebSocket, so that an exec goes through the same handler
/// as every other request: with its TLS, credentials, proxy and impersonation, or to a twin in this process without a socket.
/// </remarks>
internal sealed class WebSocketHandshake(string protocols)
{
    private const string Accept = "Sec-WebSocket-Accept";
    private const string Protocol = "Sec-WebSocket-Protocol";

    private readonly string key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));

    public void Prepare(HttpRequestMessage message)
    {
        // HTTP/2 has another way, which API servers do not offer.
        message.Version = HttpVersion.Version11;
        message.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        message.Headers.TryAddWithoutValidation("Connection", "Upgrade");
        message.Headers.TryAddWithoutValidation("Upgrade", "websocket");
        message.Headers.TryAddWithoutValidation("Sec-WebSocket-Version", "13");
        message.Headers.TryAddWithoutValidation("Sec-WebSocket-Key", key);
        message.Headers.TryAddWithoutValidation(Protocol, protocols);
    }

    /// <summary>What is wrong with a 101; null when nothing is.</summary>
    public string? Refuse(HttpResponseMessage response)
    {
        var chosen = Header(response, Protocol);
        return Header(response, Accept) != Expected() ? "it did not answer this WebSocket key; a proxy in between may not let WebSockets pass"
            : !protocols.Split(", ").Contains(chosen) ? $"it chose the protocol \"{chosen}\", offered were {protocols}"
            : null;
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? values.FirstOrDefault()?.Trim() : null;

    // The RFC says SHA-1; it guards against mix-ups, not against attackers.
#pragma warning disable CA5350
    private string Expected() => Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
}
