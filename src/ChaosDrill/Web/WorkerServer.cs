using System.Text;
using ChaosDrill.Store;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ChaosDrill.Web;

/// <summary>A worker's HTTP server.</summary>
internal sealed class WorkerServer : IAsyncDisposable
{
    private const int LargestBody = 64 * 1024;
    private readonly WebApplication _app;
    private readonly CancellationTokenSource _stopping;

    private WorkerServer(WebApplication app, CancellationTokenSource stopping)
    {
        (_app, _stopping) = (app, stopping);
        Url = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    /// <summary>Where it listens.</summary>
    public Uri Url { get; }

    /// <summary>Begins to listen.</summary>
    /// <exception cref="CommandException">The address cannot be listened on.</exception>
    public static async Task<WorkerServer> StartAsync(WebOptions options, Routes routes, DrillStore store, TimeProvider clock)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.Services.AddRoutingCore();
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(2));
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.MaxRequestBodySize = LargestBody;
            kestrel.Listen(options.Address, options.Port, listen =>
            {
                if (options.Certificate is not null)
                {
                    listen.Protocols = HttpProtocols.Http1AndHttp2;
                    listen.UseHttps(new HttpsConnectionAdapterOptions { ServerCertificate = options.Certificate, ServerCertificateChain = options.Chain });
                }
            });
        });
        var app = builder.Build();
        var stopping = new CancellationTokenSource();
        var gate = new Gate(options.Token);
        app.Use(next => context => gate.Refuses(context.Request) is var (status, reason)
            ? RefuseAsync(context, status, reason)
            : next(context));
        app.Use(next => context => InWordsAsync(context, next));
        app.UseRouting();
        foreach (var (method, path, answer) in routes.All)
        {
            app.MapMethods(path, method == HttpMethods.Get ? [method, HttpMethods.Head] : [method], context => AnswerAsync(context, answer));
        }

        app.MapMethods("/api/v1/drills/{id}/events", ["GET"], context => StreamAsync(context, routes, store, clock, stopping.Token));
        try
        {
            await app.StartAsync();
        }
        catch (IOException e)
        {
            await app.DisposeAsync();
            throw new CommandException(
                ExitCode.Refused, $"the worker cannot listen on {options.Address}:{options.Port}: {e.Message.TrimEnd('.')}; choose another address with --listen", e);
        }

        return new WorkerServer(app, stopping);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _stopping.Cancel();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _stopping.Dispose();
    }

    private static Task RefuseAsync(HttpContext context, int status, string reason)
    {
        if (status == StatusCodes.Status401Unauthorized)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
        }

        return WriteAsync(context, Answer.Error(status, reason));
    }

    /// <summary>Says what is wrong where no route was asked for, or none in that way.</summary>
    private static async Task InWordsAsync(HttpContext context, RequestDelegate next)
    {
        await next(context);
        var (request, response) = (context.Request, context.Response);
        if (response is { HasStarted: false, ContentType: null, StatusCode: StatusCodes.Status404NotFound or StatusCodes.Status405MethodNotAllowed })
        {
            var known = response.Headers.Allow is [{ } allowed] ? $"{request.Path} takes {allowed}, not {request.Method}" : $"there is no {request.Path}";
            await WriteAsync(context, Answer.Error(response.StatusCode, $"{known}; /openapi.json says what there is"));
        }
    }

    private static async Task AnswerAsync(HttpContext context, Func<HttpContext, Task<Answer>> answer)
    {
        Answer given;
        try
        {
            given = await answer(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return;
        }
        catch (Exception e)
        {
            given = Routes.Failed(e);
        }

        await WriteAsync(context, given);
    }

    private static async Task StreamAsync(HttpContext context, Routes routes, DrillStore store, TimeProvider clock, CancellationToken stopping)
    {
        using var ends = stopping.Register(context.Abort);
        try
        {
            if (routes.Running(context) is { } running)
            {
                await EventStream.SendAsync(context, running, clock);
            }
            else if (store.Find(Routes.Value(context, "id")) is { } summary)
            {
                await EventStream.SendAsync(context, store, summary.Id, clock);
            }
            else
            {
                await WriteAsync(context, Answer.Error(StatusCodes.Status404NotFound, "the store holds no drill yet"));
            }
        }
        catch (OperationCanceledException)
        {
            // The reader has gone.
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            await WriteAsync(context, Routes.Failed(e));
        }
    }

    private static Task WriteAsync(HttpContext context, Answer answer)
    {
        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = answer.MediaType;
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        var bytes = Encoding.UTF8.GetBytes(answer.Text);
        context.Response.ContentLength = bytes.Length;
        return context.Response.Body.WriteAsync(bytes, context.RequestAborted).AsTask();
    }
}
