using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Api.Tables;

/// <summary>Objects as rows, with the columns that <c>kubectl get</c> shows.</summary>
internal sealed class TableWriter(ResourceType type, ControlPlane plane)
{
    private readonly TableColumns columns = TableColumns.For(type);

    public JsonArray Columns() => new([.. columns.Columns.Select(c => new JsonObject
    {
        ["name"] = c.Name, ["type"] = c.Type, ["format"] = c.Name == "Name" ? "name" : "", ["description"] = c.Description, ["priority"] = (long)c.Priority,
    })]);

    public JsonObject Row(StoredObject stored, string includeObject)
    {
        var row = new JsonObject { ["cells"] = new JsonArray([.. columns.Cells(stored, plane.Now).Select(ToNode)]) };
        switch (includeObject)
        {
            case "None":
                break;
            case "Object":
                row["object"] = stored.Json.Copy();
                break;
            default:
                row["object"] = ObjectFormat.PartialMetadata(stored);
                break;
        }

        return row;
    }

    private static JsonNode? ToNode(object? cell) => cell switch
    {
        null => null,
        long number => number,
        int number => (long)number,
        bool flag => flag,
        _ => cell.ToString(),
    };
}
