using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ChaosDrill.Benchmarks;

/// <summary>From starting <c>chaosdrill run --context</c> to its first request at an API server over TLS: the whole process.</summary>
internal static class FirstRequest
{
    public static async Task RunAsync()
    {
        long firstSeen = 0;
        using var certificate = Certificate();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, l => l.UseHttps(certificate)));
        await using var app = builder.Build();
        app.Run(context =>
        {
            Interlocked.CompareExchange(ref firstSeen, Stopwatch.GetTimestamp(), 0);
            context.Response.StatusCode = 403;
            return context.Response.WriteAsync("""{"kind":"Status","apiVersion":"v1","status":"Failure","message":"enough seen","reason":"Forbidden","code":403}""");
        });
        await app.StartAsync();
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        var folder = Directory.CreateTempSubdirectory("chaosdrill-bench");
        try
        {
            var kubeconfig = Path.Combine(folder.FullName, "config");
            await File.WriteAllTextAsync(kubeconfig, $$"""
                apiVersion: v1
                kind: Config
                clusters: [ { name: c, cluster: { server: "{{address}}", insecure-skip-tls-verify: true } } ]
                users: [ { name: u, user: { token: t } } ]
                contexts: [ { name: bench, context: { cluster: c, user: u } } ]
                """);
            List<double> times = [];
            for (var run = -2; run < 15; run++)
            {
                Interlocked.Exchange(ref firstSeen, 0);
                var start = Stopwatch.GetTimestamp();
                var info = Sample.Command(
                    Path.Combine(Sample.Root, "chaosdrill"), "run", "scenarios/pod-kill.yaml", "--context", "bench", "--kubeconfig", kubeconfig,
                    "--store", Path.Combine(folder.FullName, "drills.db"), "--reports", folder.FullName);
                using var process = Process.Start(info)!;
                var error = process.StandardError.ReadToEndAsync();
                await process.StandardOutput.ReadToEndAsync();
                await error;
                await process.WaitForExitAsync();
                if (firstSeen == 0)
                {
                    Console.WriteLine($"no request was seen; chaosdrill said: {await error}");
                    return;
                }

                if (run >= 0)
                {
                    times.Add(Stopwatch.GetElapsedTime(start, firstSeen).TotalMilliseconds);
                }
            }

            Console.WriteLine($"run to first API request: {Sample.Text(times, "ms")}");
            Sample.Against("first request, median", Sample.Percentile(times, 0.5), 400, "ms");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var made = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null);
    }
}
