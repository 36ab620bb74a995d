using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace ChaosDrill.Kubernetes;

/// <summary>What proves who is asking.</summary>
/// <param name="Authorization">A header, or null.</param>
/// <param name="Certificate">A certificate that goes before the configured one, or null.</param>
internal sealed record Credential(AuthenticationHeaderValue? Authorization, X509Certificate2Collection? Certificate = null)
{
    /// <summary>Nothing of it belongs into a log.</summary>
    public override string ToString() => "(credential)";

    public static AuthenticationHeaderValue Bearer(string token, string origin)
    {
        // A line break in a token is a broken file; in a header it would be an attack. The message must not quote it.
        var trimmed = token.Trim();
        return trimmed.Length > 0 && trimmed.All(character => character is > ' ' and < (char)127)
            ? new AuthenticationHeaderValue("Bearer", trimmed)
            : throw new KubeconfigException($"{origin} holds no usable token: it is empty or has spaces or line breaks in it");
    }
}

/// <summary>Hands out credentials.</summary>
internal interface ICredentialSource
{
    ValueTask<Credential> GetAsync(CancellationToken cancellationToken);

    /// <summary>The server refused this one; true when a fresh one may be had.</summary>
    bool Refused(Credential credential);
}

/// <summary>A credential that never changes.</summary>
internal sealed class FixedCredential(Credential credential) : ICredentialSource
{
    public static ICredentialSource From(ClusterConfiguration configuration)
    {
        var origin = $"the token for {configuration.Describe()}";
        if (configuration.Token is { Length: > 0 } token)
        {
            return new FixedCredential(new Credential(Credential.Bearer(token, origin)));
        }

        if (configuration.Username is { Length: > 0 } name)
        {
            var pair = Encoding.UTF8.GetBytes($"{name}:{configuration.Password}");
            return new FixedCredential(new Credential(new AuthenticationHeaderValue("Basic", Convert.ToBase64String(pair))));
        }

        return new FixedCredential(new Credential(null));
    }

    public ValueTask<Credential> GetAsync(CancellationToken cancellationToken) => ValueTask.FromResult(credential);

    public bool Refused(Credential credential) => false;
}

/// <summary>A token in a file, which is read again every ten seconds and whenever the server refuses the last one.</summary>
internal sealed class TokenFileCredential(string path, string? fallback, TimeProvider clock) : ICredentialSource
{
    private static readonly TimeSpan trust = TimeSpan.FromSeconds(10);

    private readonly Lock door = new();
    private Credential? last;
    private string? lastText;
    private long readAt;

    public ValueTask<Credential> GetAsync(CancellationToken cancellationToken)
    {
        lock (door)
        {
            if (last is null || clock.GetElapsedTime(readAt) >= trust)
            {
                Read();
            }

            return ValueTask.FromResult(last!);
        }
    }

    public bool Refused(Credential credential)
    {
        lock (door)
        {
            if (!ReferenceEquals(credential, last))
            {
                return true;
            }

            Read();
            return !ReferenceEquals(credential, last);
        }
    }

    private void Read()
    {
        string text;
        try
        {
            text = Certificates.Read(path, "token file").Trim();
        }
        catch (KubeconfigException) when (last is not null || fallback is not null)
        {
            // A rotation may have it away for a moment; as kubectl does, the last one read is used on.
            text = lastText ?? fallback!;
        }

        readAt = clock.GetTimestamp();
        if (text != lastText || last is null)
        {
            last = new Credential(Credential.Bearer(text, path));
            lastText = text;
        }
    }
}
