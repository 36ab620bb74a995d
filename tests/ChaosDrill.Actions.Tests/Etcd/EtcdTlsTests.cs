using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ChaosDrill.Actions.Etcd.Client;
using ChaosDrill.Actions.Etcd.Local;
using ChaosDrill.Actions.Restores;
using ChaosDrill.Actions.Restores.EtcdRestoreVerify;
using ChaosDrill.Actions.Restores.EtcdSnapshot;
using ChaosDrill.Actions.Restores.SelfTest;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using Xunit;

namespace ChaosDrill.Actions.Tests.Etcd;

/// <summary>A real etcd that takes nobody without a certificate of its authority.</summary>
public sealed class EtcdTlsTests
{
    [RealEtcdFact]
    public async Task Tls_SnapshotAndVerification_WorkWithTheRightCertificates_AndSayWhatIsWrongWithOthers()
    {
        var folder = Directory.CreateTempSubdirectory("chaosdrill-test-").FullName;
        var (ca, other) = (Authority("etcd-ca"), Authority("other-ca"));
        var port = FreePort();
        var peer = $"http://127.0.0.1:{FreePort()}";
        var endpoint = $"https://127.0.0.1:{port}";
        var access = new EtcdAccess([endpoint], Write("ca.crt", ca.ExportCertificatePem()), Issue(ca, "client", "client.crt"), Path.Combine(folder, "client.crt.key"));
        string[] arguments =
        [
            "--name=m1", "--data-dir=" + Path.Combine(folder, "data"), "--listen-client-urls=" + endpoint, "--advertise-client-urls=" + endpoint, "--listen-peer-urls=" + peer,
            "--initial-advertise-peer-urls=" + peer, "--initial-cluster=m1=" + peer, "--client-cert-auth", "--trusted-ca-file=" + access.CaFile,
            "--cert-file=" + Issue(ca, "server", "server.crt"), "--key-file=" + Path.Combine(folder, "server.crt.key"), "--logger=zap", "--log-level=error",
        ];
        var tools = await EtcdTools.FindAsync(null, TimeProvider.System, SourceEtcd.Stop);
        await using (RunningProgram.Start(new ProgramCall { Program = tools.Server!.Path, Arguments = arguments, OwnSession = true, OutputLimit = 16 * 1024 }, TimeProvider.System))
        {
            using (var client = new EtcdClient(access, TimeProvider.System))
            {
                await AnswersAsync(client);
                await client.PutAsync("/app/key", Encoding.UTF8.GetBytes("value"), SourceEtcd.Stop);
            }

            var (taken, findings) = (new TakenSnapshots(), new CollectedFindings(TimeProvider.System));
            var step = new EtcdSnapshot { Folder = Path.Combine(folder, "snapshots"), Endpoints = [endpoint], Ca = access.CaFile, Cert = access.CertFile, Key = access.KeyFile };
            var snapshot = new EtcdSnapshotActivity(step, null, taken, TimeProvider.System);
            Assert.Empty((await snapshot.PlanAsync(new Random(1), SourceEtcd.Stop)).Refusals);
            await snapshot.RunAsync(new ActivityPlan("", [], null, []), findings, SourceEtcd.Stop);
            await new RestoreVerification(tools, TimeProvider.System).RunAsync(new VerificationRequest(taken.Last!, null, null, 1, folder, TimeSpan.FromMinutes(2)), findings, SourceEtcd.Stop);
            Assert.Null(findings.Trouble);

            // Another authority's certificate, no certificate, an authority that did not sign the server's, and no TLS at all.
            await RefusedAsync(step with { Cert = Issue(other, "stranger", "stranger.crt"), Key = Path.Combine(folder, "stranger.crt.key") }, "certificate");
            await RefusedAsync(step with { Cert = null, Key = null }, "certificate");
            await RefusedAsync(step with { Ca = Write("other.crt", other.ExportCertificatePem()) }, "certificate");
            await RefusedAsync(step with { Endpoints = [endpoint.Replace("https", "http", StringComparison.Ordinal)], Ca = null, Cert = null, Key = null }, "etcd at http://");
            await RefusedAsync(step with { Key = Path.Combine(folder, "nothing.key") }, "nothing.key cannot be read");
            await RefusedAsync(step with { Key = Write("garbage.key", "no key") }, "garbage");
        }

        Directory.Delete(folder, recursive: true);

        async Task RefusedAsync(EtcdSnapshot step, string said)
        {
            string message;
            try
            {
                message = string.Join("; ", (await new EtcdSnapshotActivity(step, null, new TakenSnapshots(), TimeProvider.System).PlanAsync(new Random(1), SourceEtcd.Stop)).Refusals.Select(r => r.Message));
            }
            catch (EtcdException e)
            {
                message = e.Message;
            }

            Assert.Contains(said, message, StringComparison.OrdinalIgnoreCase);
        }

        string Write(string name, string text)
        {
            File.WriteAllText(Path.Combine(folder, name), text);
            return Path.Combine(folder, name);
        }

        string Issue(X509Certificate2 issuer, string subject, string name)
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest($"CN={subject}", key, HashAlgorithmName.SHA256);
            var names = new SubjectAlternativeNameBuilder();
            names.AddIpAddress(IPAddress.Loopback);
            request.CertificateExtensions.Add(names.Build());
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], false));
            using var certificate = request.Create(issuer, issuer.NotBefore, issuer.NotAfter, RandomNumberGenerator.GetBytes(8));
            Write(name + ".key", key.ExportPkcs8PrivateKeyPem());
            return Write(name, certificate.ExportCertificatePem());
        }
    }

    private static X509Certificate2 Authority(string name)
    {
        var request = new CertificateRequest($"CN={name}", ECDsa.Create(ECCurve.NamedCurves.nistP256), HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }

    private static async Task AnswersAsync(EtcdClient client)
    {
        var begin = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                if ((await client.StatusAsync(SourceEtcd.Stop)).Leader != 0)
                {
                    return;
                }
            }
            catch (EtcdException) when (TimeProvider.System.GetElapsedTime(begin) < TimeSpan.FromSeconds(60))
            {
                // Not yet.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, SourceEtcd.Stop);
        }
    }

    private static int FreePort()
    {
        var socket = new TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        var port = ((IPEndPoint)socket.LocalEndpoint).Port;
        socket.Stop();
        return port;
    }
}
