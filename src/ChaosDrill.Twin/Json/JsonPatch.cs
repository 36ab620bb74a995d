using System.Text.Json.Nodes;
using ChaosDrill.Twin.Api;

namespace ChaosDrill.Twin.Json;

/// <summary>RFC 6902.</summary>
internal static class JsonPatch
{
    public static JsonObject Apply(JsonObject target, JsonArray patch)
    {
        JsonNode? root = target.DeepClone();
        foreach (var item in patch)
        {
            if (item is not JsonObject operation)
            {
                throw Failure.BadRequest("error decoding patch: each operation must be an object");
            }

            root = ApplyOne(root, operation);
        }

        return root as JsonObject ?? throw Rejected();
    }

    private static JsonNode? ApplyOne(JsonNode? root, JsonObject operation)
    {
        var path = Pointer(operation.Str("path"));
        switch (operation.Str("op"))
        {
            case "add":
                return Add(root, path, operation["value"]?.DeepClone());
            case "replace":
                Find(root, path);
                return path.Length == 0 ? operation["value"]?.DeepClone() : Add(Remove(root, path, out _), path, operation["value"]?.DeepClone());
            case "remove":
                return Remove(root, path, out _);
            case "move":
                root = Remove(root, Pointer(operation.Str("from")), out var moved);
                return Add(root, path, moved);
            case "copy":
                return Add(root, path, Find(root, Pointer(operation.Str("from")))?.DeepClone());
            case "test":
                return JsonNode.DeepEquals(Find(root, path), operation["value"]) ? root : throw Rejected();
            default:
                throw Failure.BadRequest($"Unexpected kind: {operation.Str("op")}");
        }
    }

    private static JsonNode? Add(JsonNode? root, string[] path, JsonNode? value)
    {
        if (path.Length == 0)
        {
            return value;
        }

        switch (Find(root, path[..^1]))
        {
            case JsonObject parent:
                parent[path[^1]] = value;
                return root;
            case JsonArray array when path[^1] == "-":
                array.Add(value);
                return root;
            case JsonArray array when int.TryParse(path[^1], out var index) && index >= 0 && index <= array.Count:
                array.Insert(index, value);
                return root;
            default:
                throw Rejected();
        }
    }

    private static JsonNode? Remove(JsonNode? root, string[] path, out JsonNode? removed)
    {
        removed = Find(root, path);
        switch (Find(root, path[..^1]))
        {
            case JsonObject parent:
                parent.Remove(path[^1]);
                return root;
            case JsonArray array:
                array.RemoveAt(int.Parse(path[^1]));
                return root;
            default:
                throw Rejected();
        }
    }

    private static JsonNode? Find(JsonNode? node, string[] path)
    {
        foreach (var part in path)
        {
            node = node switch
            {
                JsonObject parent when parent.ContainsKey(part) => parent[part],
                JsonArray array when int.TryParse(part, out var index) && index >= 0 && index < array.Count => array[index],
                _ => throw Rejected(),
            };
        }

        return node;
    }

    private static string[] Pointer(string? text) => text switch
    {
        null => throw Failure.BadRequest("error decoding patch: an operation has no path"),
        "" => [],
        _ when text[0] == '/' => [.. text[1..].Split('/').Select(p => p.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))],
        _ => throw Rejected(),
    };

    private static ApiException Rejected() =>
        Failure.Of(422, "Invalid", "the server rejected our request due to an error in our request", []);
}
