using System.Text.Json;
using System.Text.Json.Nodes;

namespace ChaosDrill.Actions.Activities.Conditions;

/// <summary>What a condition finds in an object: pure functions of the object as it was read.</summary>
/// <param name="Holds">Whether it holds.</param>
/// <param name="Evidence">What was seen.</param>
internal sealed record Finding(bool Holds, string Evidence)
{
    /// <summary>Secrets never reach a timeline.</summary>
    private const string Hidden = "a value that is not shown";

    /// <summary>Judges an object; null when there is none.</summary>
    public static Finding Of(ObjectCondition asked, JsonObject? found) => (asked, found) switch
    {
        ({ Absent: true }, var there) => new Finding(there is null, there is null ? "it is gone" : "it is there"),
        (_, null) => new Finding(false, "it does not exist"),
        ({ Condition: { } condition }, _) => OfCondition(condition, found),
        _ => OfPath(asked, found),
    };

    private static Finding OfCondition(string condition, JsonObject found)
    {
        var parts = condition.Split('=', 2);
        var wanted = parts.Length == 2 ? parts[1] : "True";
        var now = (found["status"]?["conditions"] as JsonArray ?? []).OfType<JsonObject>().FirstOrDefault(c => (string?)c["type"] == parts[0]);
        return now is null
            ? new Finding(false, $"it has no condition {parts[0]}")
            : new Finding(string.Equals((string?)now["status"], wanted, StringComparison.OrdinalIgnoreCase), $"{parts[0]} is {(string?)now["status"]}{((string?)now["reason"] is { Length: > 0 } reason ? $" ({reason})" : "")}");
    }

    private static Finding OfPath(ObjectCondition asked, JsonObject found)
    {
        JsonNode? node = found;
        foreach (var part in asked.Path![1..].Split('/').Select(p => p.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)))
        {
            node = node switch
            {
                JsonObject map => map[part],
                JsonArray list when int.TryParse(part, out var index) && index >= 0 && index < list.Count => list[index],
                _ => null,
            };
        }

        if (node is null)
        {
            return new Finding(false, $"there is nothing at {asked.Path}");
        }

        var text = node is JsonValue value && value.GetValueKind() == JsonValueKind.String ? (string)value! : node.ToJsonString();
        var shown = asked is { ObjectKind: "Secret", ApiVersion: "v1" } ? Hidden : text;
        return new Finding(asked.EqualTo is null || asked.EqualTo == text, $"{asked.Path} is {shown}");
    }
}
