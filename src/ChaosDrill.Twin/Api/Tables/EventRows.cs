using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Api.Tables;

internal static class EventRows
{
    public static readonly TableColumns Table = TableColumns.Of(
        ["Last Seen", "Type", "Reason", "Object", "Subobject*", "Source*", "Message", "First Seen*", "Count*", "Name*"], Cells);

    private static object?[] Cells(StoredObject e, DateTimeOffset now)
    {
        var json = e.Json;
        var about = json.Obj("involvedObject");
        var first = json.Str("firstTimestamp") ?? json.Str("eventTime");
        var last = json.Obj("series").Str("lastObservedTime") ?? json.Str("lastTimestamp") ?? first;
        return
        [
            HumanDuration.Since(last, now), json.Str("type"), json.Str("reason"), $"{about.Str("kind")?.ToLowerInvariant()}/{about.Str("name")}",
            about.Str("fieldPath") ?? "", json.Obj("source").Str("component") ?? json.Str("reportingComponent"), json.Str("message")?.Trim(),
            HumanDuration.Since(first, now), json.Int("count") ?? 1, e.Name,
        ];
    }
}
