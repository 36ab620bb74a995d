using System.Text.Json.Nodes;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Api.Tables;

/// <summary>Watch events as tables of one row; the columns come with the first.</summary>
internal sealed class TableFormat(TableWriter writer, string includeObject) : IWatchFormat
{
    private bool columnsSent;

    public ReadOnlyMemory<byte> Frame(string type, StoredObject stored) =>
        ObjectFormat.Compose(type, StoredObject.Serialize(Table([writer.Row(stored, includeObject)], stored.Version)));

    public ReadOnlyMemory<byte> Bookmark(long version, bool initialEventsEnd)
    {
        var table = Table([], version);
        if (initialEventsEnd)
        {
            var bookmark = ObjectFormat.BookmarkObject("PartialObjectMetadata", "meta.k8s.io/v1", version, true);
            table["rows"] = new JsonArray(new JsonObject { ["cells"] = new JsonArray(), ["object"] = bookmark });
        }

        return ObjectFormat.Compose("BOOKMARK", StoredObject.Serialize(table));
    }

    private JsonObject Table(JsonArray rows, long version)
    {
        var table = new JsonObject
        {
            ["kind"] = "Table",
            ["apiVersion"] = "meta.k8s.io/v1",
            ["metadata"] = new JsonObject { ["resourceVersion"] = version.ToString() },
            ["columnDefinitions"] = columnsSent ? null : writer.Columns(),
            ["rows"] = rows,
        };
        columnsSent = true;
        return table;
    }
}
