using System.Text.Json.Nodes;

namespace ChaosDrill.Actions.Velero;

/// <summary>One place in which two objects differ.</summary>
/// <param name="Path">Where: <c>spec.replicas</c>.</param>
/// <param name="Expected">What the backup says; null when it has nothing there.</param>
/// <param name="Actual">What is there; null when there is nothing.</param>
internal sealed record JsonDifference(string Path, JsonNode? Expected, JsonNode? Actual)
{
    private const int Longest = 80;

    /// <summary>Every place in which two values differ, deepest first found.</summary>
    public static IEnumerable<JsonDifference> Between(JsonNode? expected, JsonNode? actual, string path = "")
    {
        if (JsonNode.DeepEquals(expected, actual))
        {
            return [];
        }

        return (expected, actual) switch
        {
            (JsonObject e, JsonObject a) => e.Select(m => m.Key).Union(a.Select(m => m.Key)).SelectMany(key => Between(e[key], a[key], path.Length == 0 ? key : $"{path}.{key}")),
            (JsonArray e, JsonArray a) when e.Count == a.Count => Enumerable.Range(0, e.Count).SelectMany(i => Between(e[i], a[i], $"{path}[{i}]")),
            _ => [new JsonDifference(path, expected, actual)],
        };
    }

    /// <summary>In one line; values of secrets are never shown.</summary>
    public string Show(bool secret) => secret && !Path.StartsWith("metadata", StringComparison.Ordinal) ? $"{Path}: differs (hidden)" : $"{Path}: backup {Short(Expected)}, restored {Short(Actual)}";

    private static string Short(JsonNode? value)
    {
        var text = value?.ToJsonString() ?? "nothing";
        return text.Length <= Longest ? text : text[..Longest] + "...";
    }
}
