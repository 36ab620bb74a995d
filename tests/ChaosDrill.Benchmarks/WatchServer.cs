using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ChaosDrill.Benchmarks;

/// <summary>
/// A list of pods and a steady stream of changes to them, served by a process of its own so that the client's memory and
/// delay are the client's. Each event carries the instant of its writing; the monotonic clock is the machine's.
/// </summary>
internal static class WatchServer
{
    public const string Argument = "serve-watch";

    public static async Task<int> ServeAsync(string[] args)
    {
        var pods = int.Parse(args[1], CultureInfo.InvariantCulture);
        var perSecond = int.Parse(args[2], CultureInfo.InvariantCulture);
        var seconds = int.Parse(args[3], CultureInfo.InvariantCulture);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k =>
        {
            k.Limits.MinResponseDataRate = null;
            k.Listen(IPAddress.Loopback, 0, l => l.Protocols = HttpProtocols.Http1);
        });
        await using var app = builder.Build();
        app.Run(context => context.Request.Query.ContainsKey("watch")
            ? StreamAsync(context, pods, perSecond, seconds)
            : ListAsync(context, pods));
        await app.StartAsync();
        Console.WriteLine(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        await Console.In.ReadLineAsync();
        return 0;
    }

    private static async Task ListAsync(HttpContext context, int pods)
    {
        var begin = int.Parse(context.Request.Query["continue"].FirstOrDefault() ?? "0", CultureInfo.InvariantCulture);
        var end = Math.Min(pods, begin + 500);
        var next = end < pods ? $",\"continue\":\"{end}\"" : "";
        var items = string.Join(',', Enumerable.Range(begin, end - begin).Select(i => Pod(i, 1000, 0)));
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(
            $$"""{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"1000"{{next}}},"items":[{{items}}]}""");
    }

    private static async Task StreamAsync(HttpContext context, int pods, int perSecond, int seconds)
    {
        context.Response.ContentType = "application/json";
        await context.Response.StartAsync();
        var begin = Stopwatch.GetTimestamp();
        for (var sent = 0; sent < perSecond * seconds;)
        {
            var due = (int)(Stopwatch.GetElapsedTime(begin).TotalSeconds * perSecond);
            for (; sent < Math.Min(due, perSecond * seconds); sent++)
            {
                await context.Response.WriteAsync(
                    $$"""{"type":"MODIFIED","object":{{Pod(sent * 7919 % pods, 1001 + sent, Stopwatch.GetTimestamp())}}}""" + "\n");
            }

            await Task.Delay(1);
        }

        await Task.Delay(Timeout.Infinite, context.RequestAborted);
    }

    /// <summary>About 4 kB, as a real pod with its managed fields.</summary>
    private static string Pod(int number, int version, long stamp) => new StringBuilder().Append(CultureInfo.InvariantCulture,
        $$"""
        {"kind":"Pod","apiVersion":"v1","metadata":{"name":"pod-{{number}}","namespace":"shop","uid":"uid-{{number}}","resourceVersion":"{{version}}","annotations":{"stamp":"{{stamp}}"},"labels":{"app":"storefront"},
        """).Replace("\n", "").Append(Padding).Append(
        """
        },"spec":{"nodeName":"node-1","containers":[{"name":"web","image":"shop/storefront:1"}]},"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}],"containerStatuses":[{"name":"web","ready":true,"restartCount":0,"state":{"running":{"startedAt":"2026-01-01T00:00:00Z"}}}]}}
        """).Replace("\n", "").ToString();

    private static readonly string Padding =
        "\"managedFields\":[" + string.Join(',', Enumerable.Range(0, 12).Select(i =>
            $$$$$$$"""{"manager":"manager-{{{{{{{i}}}}}}}","operation":"Update","apiVersion":"v1","time":"2026-01-01T00:00:00Z","fieldsType":"FieldsV1","fieldsV1":{"f:metadata":{"f:labels":{".":{},"f:app":{}},"f:ownerReferences":{".":{}}},"f:spec":{"f:containers":{"k:{\"name\":\"web\"}":{".":{},"f:image":{},"f:name":{}}}}}}""")) + "]";
}
