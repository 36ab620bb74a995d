using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ChaosDrill.Hosting;

namespace ChaosDrill.Web;

/// <summary>Where a worker listens, and who may ask.</summary>
/// <param name="Address">The address.</param>
/// <param name="Port">The port; 0 is any free one.</param>
/// <param name="Certificate">The server's certificate; null is plain HTTP, which is for loopback alone.</param>
/// <param name="Token">What whoever asks must know; null on loopback, where everybody of this machine may ask.</param>
internal sealed record WebOptions(IPAddress Address, int Port, X509Certificate2? Certificate, string? Token)
{
    /// <summary>The certificates that signed it, to be shown with it.</summary>
    public X509Certificate2Collection Chain { get; init; } = [];

    /// <summary>Where a worker listens unless it is told otherwise.</summary>
    public const string Usual = "127.0.0.1:8686";

    private const int ShortestToken = 16;

    /// <summary>Reads the command line.</summary>
    /// <exception cref="CommandException">It is no address, a file cannot be read, or it is not loopback and TLS or the token is missing.</exception>
    public static WebOptions Read(string? listen, string? certificate, string? key, string? tokenFile)
    {
        if (!IPEndPoint.TryParse(listen ?? Usual, out var at) || (listen is not null && !listen.Contains(':', StringComparison.Ordinal)))
        {
            throw new CommandException(ExitCode.BadUsage, $"--listen is an address and a port, such as {Usual} or [::1]:8686, not \"{listen}\"");
        }

        if ((certificate is null) != (key is null))
        {
            throw new CommandException(ExitCode.BadUsage, "--tls-certificate and --tls-key go together; give both or none");
        }

        if (!IPAddress.IsLoopback(at.Address) && (certificate is null || tokenFile is null))
        {
            throw new CommandException(
                ExitCode.Refused,
                $"{at} can be reached from other machines, and whoever reaches a worker can start drills; give --tls-certificate, --tls-key and --token-file, or listen on 127.0.0.1");
        }

        var own = certificate is null ? null : ReadCertificate(certificate, key!);
        var signers = new X509Certificate2Collection();
        if (certificate is not null)
        {
            signers.ImportFromPemFile(certificate);
        }

        return new WebOptions(at.Address, at.Port, own, tokenFile is null ? null : ReadToken(tokenFile)) { Chain = signers };
    }

    private static X509Certificate2 ReadCertificate(string certificate, string key)
    {
        try
        {
            return X509Certificate2.CreateFromPemFile(certificate, key);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CommandException(ExitCode.BadUsage, $"the certificate {certificate} with the key {key} cannot be used: {e.Message.TrimEnd('.')}; both are PEM files", e);
        }
    }

    private static string ReadToken(string file)
    {
        try
        {
            var token = File.ReadAllText(file).Trim();
            return token.Length >= ShortestToken
                ? token
                : throw new CommandException(ExitCode.BadUsage, $"the token in {file} is shorter than {ShortestToken} characters; make one with: openssl rand -hex 32");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.BadUsage, $"the token file {file} cannot be read: {FileFaults.Explain(e, file)}", e);
        }
    }
}
