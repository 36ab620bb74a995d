using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Text;
using ChaosDrill.Twin.Serving;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ChaosDrill.Twin;

/// <summary>A twin that is served over HTTPS on the loopback interface, with its own certificate authority.</summary>
public sealed class TwinServer : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly CertificateAuthority authority;
    private readonly CancellationTokenSource stopping;
    private int disposed;

    private TwinServer(WebApplication app, CertificateAuthority authority, string token, CancellationTokenSource stopping)
    {
        this.app = app;
        this.authority = authority;
        Token = token;
        this.stopping = stopping;
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Url = new Uri(address);
        Kubeconfig = KubeconfigFor("twin-admin", ["system:masters"]);
    }

    /// <summary>Where it listens: <c>https://127.0.0.1:PORT</c>.</summary>
    public Uri Url { get; }

    /// <summary>The administrator's bearer token.</summary>
    public string Token { get; }

    /// <summary>The certificate authority, as PEM.</summary>
    public string AuthorityPem => authority.Pem;

    /// <summary>A kubeconfig with one context, <c>twin</c>, and the administrator's client certificate.</summary>
    public string Kubeconfig { get; }

    /// <summary>A kubeconfig with one context, <c>twin</c>, and a user's client certificate; the roles of the cluster say what the user may do.</summary>
    /// <param name="user">The name.</param>
    /// <param name="groups">Groups of the user.</param>
    /// <param name="lifetime">How long from the server's start on the certificate is valid, at least minus one hour; null is a year.</param>
    public string KubeconfigFor(string user, IReadOnlyList<string> groups, TimeSpan? lifetime = null)
    {
        var (certificate, key) = authority.IssueClient(user, groups, lifetime);
        return $"""
            apiVersion: v1
            kind: Config
            current-context: twin
            clusters:
            - name: twin
              cluster:
                server: {Url.GetLeftPart(UriPartial.Authority)}
                certificate-authority-data: {Encode(authority.Pem)}
            contexts:
            - name: twin
              context:
                cluster: twin
                user: {user}
            users:
            - name: {user}
              user:
                client-certificate-data: {Encode(certificate)}
                client-key-data: {Encode(key)}

            """;
    }

    /// <summary>Writes <see cref="Kubeconfig"/> to a file that only its owner can read; an existing file is replaced.</summary>
    /// <param name="path">Where to; missing folders are created.</param>
    public void WriteKubeconfig(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        Directory.CreateDirectory(folder);
        var fresh = Path.Combine(folder, $".{Path.GetFileName(path)}.{Environment.ProcessId}");
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var stream = new FileStream(fresh, options))
        {
            stream.Write(Encoding.UTF8.GetBytes(Kubeconfig));
        }

        File.Move(fresh, path, overwrite: true);
    }

    /// <summary>Stops serving; open watches end.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 1)
        {
            return;
        }

        stopping.Cancel();
        await app.StopAsync();
        await app.DisposeAsync();
        stopping.Dispose();
        authority.Dispose();
    }

    internal static async Task<TwinServer> StartAsync(TwinCluster cluster, TwinServerOptions options, CancellationToken cancel)
    {
        var authority = new CertificateAuthority(cluster.Options.Clock);
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
        var stopping = new CancellationTokenSource();
        var certificate = authority.IssueServer(options.CertificateLifetime);
        var front = new HttpFront(cluster.Api, authority, token, stopping.Token);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(2));
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.MaxRequestBodySize = 3 * 1024 * 1024;
            kestrel.Listen(IPAddress.Loopback, options.Port, listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseHttps(https =>
                {
                    https.ServerCertificate = certificate;
                    https.SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
                    https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                    https.CheckCertificateRevocation = false;

                    // Whose certificate it is decides each request; a stranger's is like none.
                    https.ClientCertificateValidation = (_, _, _) => true;
                });
            });
        });
        var app = builder.Build();
        app.UseWebSockets();
        app.Run(front.HandleAsync);
        try
        {
            await app.StartAsync(cancel);
        }
        catch
        {
            await app.DisposeAsync();
            authority.Dispose();
            stopping.Dispose();
            throw;
        }

        cluster.PublishAuthority(authority.Pem);
        var server = new TwinServer(app, authority, token, stopping);
        cluster.PublishAddress(server.Url);
        return server;
    }

    private static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
