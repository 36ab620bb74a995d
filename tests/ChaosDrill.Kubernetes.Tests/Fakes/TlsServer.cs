using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ChaosDrill.Kubernetes.Tests.Fakes;

/// <summary>A small API server on the loopback, with TLS and HTTP/2.</summary>
internal sealed class TlsServer : IAsyncDisposable
{
    private readonly WebApplication app;

    private TlsServer(WebApplication app) => this.app = app;

    public ConcurrentQueue<SeenRequest> Requests { get; } = new();

    public Uri Address { get; private set; } = null!;

    public static async Task<TlsServer> StartAsync(X509Certificate2 certificate, RequestDelegate answer, bool clientCertificates = false)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.Limits.MinResponseDataRate = null;
            options.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseHttps(https =>
                {
                    https.ServerCertificate = certificate;
                    https.ClientCertificateMode = clientCertificates ? ClientCertificateMode.RequireCertificate : ClientCertificateMode.NoCertificate;
                    https.ClientCertificateValidation = (_, _, _) => true;
                });
            });
        });
        var app = builder.Build();
        var server = new TlsServer(app);
        app.Run(async context =>
        {
            server.Requests.Enqueue(await SeeAsync(context));
            await answer(context);
        });
        await app.StartAsync();
        var bound = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        server.Address = new Uri(bound);
        return server;
    }

    /// <summary>Answers every request with a version, and says who asked in its platform.</summary>
    public static Task VersionAsync(HttpContext context) => JsonAsync(
        context, $$"""{"gitVersion":"v1.36.2","platform":"{{context.Connection.ClientCertificate?.Subject}}"}""");

    public static async Task JsonAsync(HttpContext context, string body, int code = 200)
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(body);
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        now.Cancel();
        await app.StopAsync(now.Token);
        await app.DisposeAsync();
    }

    private static async Task<SeenRequest> SeeAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        return new SeenRequest(
            context.Request.Method, context.Request.Path, Uri.UnescapeDataString(context.Request.QueryString.Value ?? ""), context.Request.ContentType,
            await reader.ReadToEndAsync(),
            context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase)
                .Append(new("protocol", context.Request.Protocol)).ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.OrdinalIgnoreCase));
    }
}
