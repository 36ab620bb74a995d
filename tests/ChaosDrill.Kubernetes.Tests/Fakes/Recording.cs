using System.Text.Json;

namespace ChaosDrill.Kubernetes.Tests.Fakes;

/// <summary>What a real API server answered.</summary>
internal static class Recording
{
    public static IReadOnlyList<JsonElement> Read(string name) =>
    [
        .. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Recordings", name + ".jsonl"))
            .Select(line => JsonDocument.Parse(line).RootElement.Clone()),
    ];

    /// <summary>The recorded answer as a handler gives it.</summary>
    public static HttpResponseMessage Answer(JsonElement exchange)
    {
        var response = exchange.GetProperty("response");
        var body = response.GetProperty("body");
        var code = response.GetProperty("status").GetInt32();
        return body.ValueKind == JsonValueKind.String
            ? ScriptedServer.Text(body.GetString()!, code)
            : ScriptedServer.Json(body.GetRawText(), code);
    }

    /// <summary>The recorded events of one kind.</summary>
    public static IEnumerable<(string Type, T Object)> Events<T>(string name, Resource<T> resource) =>
        from line in Read(name)
        where line.GetProperty("watch").GetString() == resource.Plural
        let item = line.GetProperty("event")
        select (item.GetProperty("type").GetString()!, item.GetProperty("object").Deserialize(resource.TypeInfo)!);

    public static JsonElement Exchange(string name, Func<JsonElement, bool> which) => Read(name).First(which);

    public static string Note(JsonElement exchange) => exchange.TryGetProperty("note", out var note) ? note.GetString() ?? "" : "";

    public static string RequestPath(JsonElement exchange) => exchange.GetProperty("request").GetProperty("path").GetString()!;
}
