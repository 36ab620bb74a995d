using System.Text.Json;
using System.Text.Json.Nodes;

namespace ChaosDrill.Twin.Tests.Fidelity;

/// <summary>The shape of objects: each field's path and type.</summary>
internal static class Paths
{
    /// <summary>Adds the paths of an object, <c>.a.b[].c number</c>; who manages fields is left out, as the recordings leave it out.</summary>
    public static void Collect(JsonNode? node, SortedSet<string> paths, string path = "")
    {
        switch (node)
        {
            case JsonObject json:
                foreach (var (key, value) in json)
                {
                    if (key != "managedFields")
                    {
                        Collect(value, paths, $"{path}.{key}");
                    }
                }

                break;
            case JsonArray array:
                foreach (var item in array)
                {
                    Collect(item, paths, path + "[]");
                }

                break;
            default:
                paths.Add($"{path} {(node?.GetValueKind() ?? JsonValueKind.Null).ToString().Replace("True", "Boolean", StringComparison.Ordinal).Replace("False", "Boolean", StringComparison.Ordinal)}");
                break;
        }
    }
}
