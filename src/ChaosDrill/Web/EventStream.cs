using System.Text.Json;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Timelines;
using ChaosDrill.Store;
using Microsoft.AspNetCore.Http;

namespace ChaosDrill.Web;

/// <summary>Live timelines as server-sent events.</summary>
/// <remarks>Source: html.spec.whatwg.org, server-sent events. The id of an event is its number in the timeline, so that a reader can come back where it was.</remarks>
internal static class EventStream
{
    /// <summary>A comment is sent when nothing else is, so that a reader that has gone is noticed.</summary>
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    /// <summary>Between two looks at a drill of another worker.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

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

    /// <summary>Sends a stored drill, in the order in which it was recorded; one that another worker runs as it grows.</summary>
    public static async Task SendAsync(HttpContext context, DrillStore store, string drill, TimeProvider clock)
    {
        Begin(context);
        for (var (seen, isOver) = (Seen(context), false); !isOver;)
        {
            // Asked before its entries are read: what was written meanwhile is read too.
            isOver = store.Find(drill)?.State is not (DrillState.Running or DrillState.Unknown) || !store.IsShared;
            foreach (var entry in store.EntriesAfter(drill, seen))
            {
                await WriteAsync(context, entry);
                seen = entry.Sequence;
            }

            await context.Response.Body.FlushAsync(context.RequestAborted);
            if (!isOver)
            {
                await Task.Delay(Look, clock, context.RequestAborted);
            }
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
