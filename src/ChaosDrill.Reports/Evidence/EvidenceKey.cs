using System.Security.Cryptography;

namespace ChaosDrill.Reports.Evidence;

/// <summary>The keys that evidence is signed and checked with: ECDSA on NIST P-256, as PEM.</summary>
public static class EvidenceKey
{
    private const string HowToMake = "openssl ecparam -name prime256v1 -genkey -noout -out drill-key.pem && openssl ec -in drill-key.pem -pubout -out drill-key.pub.pem";

    /// <summary>Reads a private key.</summary>
    /// <exception cref="ReportException">It cannot be read, or is no such key.</exception>
    public static ECDsa Private(string file)
    {
        var key = Read(file);
        try
        {
            key.SignHash(new byte[32]);
            return key;
        }
        catch (CryptographicException e)
        {
            key.Dispose();
            throw new ReportException($"{file} holds a public key only; evidence is signed with the private one. Make a pair with: {HowToMake}", e);
        }
    }

    /// <summary>Reads a public key; a private one will do.</summary>
    /// <exception cref="ReportException">It cannot be read, or is no such key.</exception>
    public static ECDsa Public(string file) => Read(file);

    /// <summary>SHA-256 of the public key (its SubjectPublicKeyInfo) in lower-case hex: tells one key from another.</summary>
    internal static string IdOf(ECDsa key) => Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()));

    private static ECDsa Read(string file)
    {
        string pem;
        try
        {
            pem = File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ReportException($"the key {file} cannot be read: {e.Message.TrimEnd('.')}", e);
        }

        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            if (key.ExportParameters(includePrivateParameters: false).Curve.Oid?.Value == ECCurve.NamedCurves.nistP256.Oid.Value)
            {
                return key;
            }
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            key.Dispose();
            throw new ReportException($"{file} is no unencrypted ECDSA key in PEM. Make one with: {HowToMake}", e);
        }

        key.Dispose();
        throw new ReportException($"{file} is an ECDSA key on another curve than P-256. Make one with: {HowToMake}");
    }
}
