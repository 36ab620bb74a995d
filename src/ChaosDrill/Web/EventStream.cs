using System.Text.Json;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Timelines;
using Microsoft.AspNetCore.Http;

namespace ChaosDrill.Web;

/// <summary>Live timelines as server-sent events.</summary>
/// <remarks>Source: html.spec.whatwg.org, server-sent events. The id of an event is its number in the timeline, so that a reader can come back where it was.</remarks>
internal static class EventStream
{
    /// <summary>A comment is sent when nothing else is, so that a reader that has gone is noticed.</summary>
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    /// <summary>Sends a drill from its beginning, or from where the reader was, to its end.</summary>
    public static async Task SendAsync(HttpContext context, Worker.RunningDrill drill, TimeProvider clock)
    {
        Begin(context);
        var (soFar, next) = drill.Watch();
        var seen = Seen(context);
        foreach (var entry in soFar.Where(e => e.Sequence > seen))
        {
            await WriteAsync(context, entry);
        }

        await context.Response.Body.FlushAsync(context.RequestAborted);
        var more = next.WaitToReadAsync(context.RequestAborted).AsTask();
        while (true)
        {
            try
            {
                if (!await more.WaitAsync(Heartbeat, clock, context.RequestAborted))
                {
                    break;
                }
            }
            catch (TimeoutException)
            {
                await context.Response.WriteAsync(": still here\n\n", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                continue;
            }

            while (next.TryRead(out var entry))
            {
                if (entry.Sequence > seen)
                {
                    await WriteAsync(context, entry);
                }
            }

            await context.Response.Body.FlushAsync(context.RequestAborted);
            more = next.WaitToReadAsync(context.RequestAborted).AsTask();
        }

        await context.Response.WriteAsync("event: end\ndata: {}\n\n", context.RequestAborted);
    }

    /// <summary>Sends a stored drill.</summary>
    public static async Task SendAsync(HttpContext context, DrillRecord record)
    {
        Begin(context);
        var seen = Seen(context);

        // In the order in which they were recorded, as they were sent live; a stored timeline is ordered by instant.
        foreach (var entry in record.Timeline.Where(e => e.Sequence > seen).OrderBy(e => e.Sequence))
        {
            await WriteAsync(context, entry);
        }

        await context.Response.WriteAsync("event: end\ndata: {}\n\n", context.RequestAborted);
    }

    private static long Seen(HttpContext context) =>
        context.Request.Headers["Last-Event-ID"] is [{ } last] && long.TryParse(last, out var number) ? number : 0;

    private static void Begin(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
    }

    private static Task WriteAsync(HttpContext context, TimelineEntry entry) => context.Response.WriteAsync(
        $"id: {entry.Sequence}\nevent: timeline\ndata: {JsonSerializer.Serialize(entry, DrillJson.Default.TimelineEntry)}\n\n", context.RequestAborted);
}
