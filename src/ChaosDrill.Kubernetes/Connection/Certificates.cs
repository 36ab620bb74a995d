using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace ChaosDrill.Kubernetes;

/// <summary>Loads certificates and keys from PEM, with errors that name their origin.</summary>
internal static class Certificates
{
    private const int MaxFileSize = 4 * 1024 * 1024;

    public static string Read(string path, string owner)
    {
        try
        {
            var file = new FileInfo(path);
            return file.Exists && file.Length > MaxFileSize
                ? throw new KubeconfigException($"{path} ({owner}) is larger than {MaxFileSize / (1024 * 1024)} MB: that is no certificate or key")
                : File.ReadAllText(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KubeconfigException($"{path} ({owner}) cannot be read: {error.Message}", error);
        }
    }

    /// <summary>Undoes the base64 of a <c>-data</c> entry.</summary>
    public static string Decode(string base64, string origin)
    {
        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(base64));
        }
        catch (FormatException error)
        {
            throw new KubeconfigException($"{origin} is not base64; encode the PEM file with \"base64 -w0\"", error);
        }
    }

    public static X509Certificate2Collection Authorities(string pem, string origin)
    {
        var found = new X509Certificate2Collection();
        try
        {
            found.ImportFromPem(pem);
        }
        catch (CryptographicException error)
        {
            throw new KubeconfigException($"{origin} holds a broken certificate: {error.Message}", error);
        }

        return found.Count > 0 ? found : throw new KubeconfigException($"{origin} holds no PEM certificate (\"-----BEGIN CERTIFICATE-----\")");
    }

    /// <summary>A client certificate with its key, followed by the intermediates of its file.</summary>
    public static X509Certificate2Collection Client(string certificatePem, string keyPem, string certificateOrigin, string keyOrigin)
    {
        var chain = Authorities(certificatePem, certificateOrigin);
        if (keyPem.Contains("-----BEGIN ENCRYPTED PRIVATE KEY-----", StringComparison.Ordinal) || keyPem.Contains("Proc-Type: 4,ENCRYPTED", StringComparison.Ordinal))
        {
            throw new KubeconfigException($"{keyOrigin} is encrypted; kubeconfigs need the key in the clear, or an exec plugin");
        }

        try
        {
            chain[0] = X509Certificate2.CreateFromPem(certificatePem, keyPem);
            return chain;
        }
        catch (CryptographicException error)
        {
            throw new KubeconfigException($"{keyOrigin} does not hold the private key of {certificateOrigin}: {error.Message}", error);
        }
        catch (ArgumentException error)
        {
            throw new KubeconfigException($"{keyOrigin} does not hold the private key of {certificateOrigin}: {error.Message}", error);
        }
    }
}
