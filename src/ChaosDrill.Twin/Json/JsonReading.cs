using System.Text.Json.Nodes;

namespace ChaosDrill.Twin.Json;

/// <summary>Short ways through raw JSON, where anything may be absent.</summary>
internal static class JsonReading
{
    public static JsonObject? Obj(this JsonObject? json, string key) => json?[key] as JsonObject;

    public static JsonArray? Arr(this JsonObject? json, string key) => json?[key] as JsonArray;

    public static string? Str(this JsonObject? json, string key) =>
        json?[key] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    public static long? Int(this JsonObject? json, string key) => json?[key].AsInt();

    public static bool? Bool(this JsonObject? json, string key) =>
        json?[key] is JsonValue value && value.TryGetValue<bool>(out var flag) ? flag : null;

    public static long? AsInt(this JsonNode? node) => node is not JsonValue value ? null
        : value.TryGetValue<long>(out var number) ? number
        : value.TryGetValue<int>(out var small) ? small
        : value.TryGetValue<double>(out var real) && real == Math.Floor(real) ? (long)real
        : null;

    public static string? AsStr(this JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    /// <summary>The object under a key, added when it is not there.</summary>
    public static JsonObject Child(this JsonObject json, string key)
    {
        if (json[key] is JsonObject child)
        {
            return child;
        }

        child = [];
        json[key] = child;
        return child;
    }

    public static JsonObject Meta(this JsonObject json) => json.Child("metadata");

    public static IEnumerable<JsonObject> Objects(this JsonArray? array) => array is null ? [] : array.OfType<JsonObject>();

    public static IEnumerable<string> Strings(this JsonArray? array) =>
        array is null ? [] : array.Select(AsStr).OfType<string>();

    public static JsonObject Copy(this JsonObject json) => (JsonObject)json.DeepClone();

    /// <summary>Sets a value only where none is.</summary>
    public static void Default(this JsonObject json, string key, JsonNode? value)
    {
        if (json[key] is null)
        {
            json[key] = value;
        }
    }

    /// <summary>Sets a counter as the server would: a zero is left out.</summary>
    public static void SetCount(this JsonObject json, string key, long value)
    {
        if (value == 0)
        {
            json.Remove(key);
        }
        else
        {
            json[key] = value;
        }
    }

    public static JsonArray ToArray(IEnumerable<JsonNode?> items)
    {
        var array = new JsonArray();
        foreach (var item in items)
        {
            array.Add(item);
        }

        return array;
    }
}
