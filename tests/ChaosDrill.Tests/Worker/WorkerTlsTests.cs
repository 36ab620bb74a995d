using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.RegularExpressions;
using ChaosDrill.Web;

namespace ChaosDrill.Tests.Worker;

/// <summary>A worker that other machines can reach, asked with curl and with this program's own commands.</summary>
public sealed partial class WorkerTlsTests
{
    [Fact]
    public async Task Worker_OnEveryAddress_SpeaksTlsAndOnlyToWhoeverKnowsTheToken()
    {
        await using var field = await WorkerField.LayAsync();
        field.Write(schedule: "cron: \"0 3 * * *\"");
        var token = new string('t', 40);
        File.WriteAllText(Path.Combine(field.Folder, "token"), token);
        WriteCertificates(field.Folder);
        using var worker = field.Start("--listen", "0.0.0.0:0", "--tls-certificate", "tls.crt", "--tls-key", "tls.key", "--token-file", "token");
        var port = Listens().Match(await worker.UntilAsync("worker is ready")).Groups[1].Value;
        var url = $"https://localhost:{port}";

        // The certificate between is shown too: curl knows only the first one.
        Assert.Equal("200", await CurlAsync(field.Folder, $"{url}/healthz"));
        using var described = JsonDocument.Parse(Routes.OpenApi);
        foreach (var (path, method) in described.RootElement.GetProperty("paths").EnumerateObject().SelectMany(p => p.Value.EnumerateObject().Select(m => (p.Name, m.Name.ToUpperInvariant()))))
        {
            var asked = path.Replace("{name}", WorkerField.Name, StringComparison.Ordinal).Replace("{id}", "latest", StringComparison.Ordinal);
            var open = path is "/healthz" or "/readyz";
            Assert.Equal((method, path, open ? "200" : "401"), (method, path, await CurlAsync(field.Folder, url + asked, "-X", method)));
            Assert.Equal((method, path, open ? "200" : "401"), (method, path, await CurlAsync(field.Folder, url + asked, "-X", method, "-H", $"Authorization: Bearer {token}x")));
            Assert.Equal((method, path, open ? "200" : "401"), (method, path, await CurlAsync(field.Folder, url + asked, "-X", method, "-H", "Authorization: Basic dDp0", "-H", "Host: 127.0.0.1")));
        }

        Assert.Equal("200", await CurlAsync(field.Folder, $"{url}/metrics", "-H", $"Authorization: Bearer {token}"));
        Assert.Equal("000", await CurlAsync(field.Folder, $"http://localhost:{port}/healthz"));
        Assert.Equal("000", await CurlAsync("/", $"{url}/healthz"));

        // The same by the command line.
        var list = await field.RunAsync("schedule", "list", "--worker", url, "--token-file", "token", "--ca-file", "ca.crt");
        Assert.Equal((0, ""), (list.Code, list.Error));
        Assert.Contains(WorkerField.Name, list.Out, StringComparison.Ordinal);
        var strange = await field.RunAsync("schedule", "list", "--worker", url, "--token-file", "token");
        Assert.Equal(3, strange.Code);
        Assert.Contains("name the certificate that the worker's is signed with: --ca-file", strange.Error, StringComparison.Ordinal);
        Assert.Equal(3, (await field.RunAsync("drills", "--worker", url, "--ca-file", "ca.crt")).Code);
        Assert.Equal(64, (await field.RunAsync("drills", "--worker", url, "--ca-file", "token")).Code);
        worker.Signal("TERM");
        Assert.Equal(0, (await worker.EndAsync()).Code);
    }

    [Fact]
    public async Task Worker_KeyOfAnotherCertificate_SaysSo()
    {
        await using var field = await WorkerField.LayAsync();
        WriteCertificates(field.Folder);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        File.WriteAllText(Path.Combine(field.Folder, "other.key"), other.ExportPkcs8PrivateKeyPem());
        using var worker = field.Start("--tls-certificate", "tls.crt", "--tls-key", "other.key");
        var ended = await worker.EndAsync();

        Assert.Equal(64, ended.Code);
        Assert.Contains("the certificate tls.crt with the key other.key cannot be used", ended.Error, StringComparison.Ordinal);
    }

    /// <summary>An authority, one that it signed, and a server that this one signed.</summary>
    private static void WriteCertificates(string folder)
    {
        var (from, until) = (TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var root = Authority("CN=root", rootKey).CreateSelfSigned(from, until);
        using var middleKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var middle = Authority("CN=middle", middleKey).Create(root, from, until, [1]).CopyWithPrivateKey(middleKey);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=worker", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using var own = request.Create(middle, from, until, [2]);
        File.WriteAllText(Path.Combine(folder, "ca.crt"), root.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder, "tls.crt"), own.ExportCertificatePem() + "\n" + middle.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder, "tls.key"), key.ExportPkcs8PrivateKeyPem());
    }

    private static CertificateRequest Authority(string name, ECDsa key)
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        return request;
    }

    private static async Task<string> CurlAsync(string folder, string url, params string[] more)
    {
        string[] authority = folder == "/" ? [] : ["--cacert", Path.Combine(folder, "ca.crt")];
        using var curl = System.Diagnostics.Process.Start(new ProcessStartInfo("curl", ["-s", "-o", "/dev/null", "-w", "%{http_code}", .. authority, .. more, url]) { RedirectStandardOutput = true })!;
        var said = await curl.StandardOutput.ReadToEndAsync();
        await curl.WaitForExitAsync();
        return said;
    }

    [GeneratedRegex("worker listens url=https://[^ ]*:([0-9]+)")]
    private static partial Regex Listens();
}
