using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ChaosDrill.Kubernetes;

/// <summary>The form of a patch.</summary>
public enum PatchKind
{
    /// <summary>RFC 6902: a list of operations.</summary>
    Json,

    /// <summary>RFC 7386: members replace members, null removes.</summary>
    Merge,

    /// <summary>Like merge, but lists such as containers are merged by key; built-in kinds only.</summary>
    StrategicMerge,

    /// <summary>Server-side apply: the members given are owned by the field manager.</summary>
    Apply,
}

/// <summary>A change to an object.</summary>
/// <param name="Kind">Its form.</param>
/// <param name="Body">Its JSON, in UTF-8.</param>
public sealed record Patch(PatchKind Kind, ReadOnlyMemory<byte> Body)
{
    internal string MediaType => Kind switch
    {
        PatchKind.Json => "application/json-patch+json",
        PatchKind.Merge => "application/merge-patch+json",
        PatchKind.StrategicMerge => "application/strategic-merge-patch+json",
        _ => "application/apply-patch+yaml",
    };

    /// <summary>A list of operations (RFC 6902); a failed <c>test</c> refuses the whole patch.</summary>
    /// <param name="operations">The operations, in order.</param>
    public static Patch Json(params JsonPatchOperation[] operations) =>
        new(PatchKind.Json, JsonSerializer.SerializeToUtf8Bytes(operations, KubernetesJson.Default.JsonPatchOperationArray));

    /// <summary>A merge patch (RFC 7386).</summary>
    /// <param name="patch">The members to change; null removes one.</param>
    public static Patch Merge(JsonNode patch) => new(PatchKind.Merge, Bytes(patch));

    /// <summary>A strategic merge patch.</summary>
    /// <param name="patch">The members to change.</param>
    public static Patch StrategicMerge(JsonNode patch) => new(PatchKind.StrategicMerge, Bytes(patch));

    /// <summary>A server-side apply.</summary>
    /// <param name="configuration">The object with apiVersion, kind and metadata.name, and the members to own.</param>
    public static Patch Apply(JsonNode configuration) => new(PatchKind.Apply, Bytes(configuration));

    private static byte[] Bytes(JsonNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return Encoding.UTF8.GetBytes(node.ToJsonString());
    }
}

/// <summary>One operation of a JSON patch.</summary>
public sealed record JsonPatchOperation
{
    /// <summary><c>add</c>, <c>remove</c>, <c>replace</c>, <c>move</c>, <c>copy</c> or <c>test</c>.</summary>
    public required string Op { get; init; }

    /// <summary>Where, as a JSON pointer (RFC 6901).</summary>
    public required string Path { get; init; }

    /// <summary>The source of <c>move</c> and <c>copy</c>.</summary>
    public string? From { get; init; }

    /// <summary>The value of <c>add</c>, <c>replace</c> and <c>test</c>; a JSON null is written as null.</summary>
    public JsonElement? Value { get; init; }

    /// <summary>Sets a member that may be missing, or inserts into a list.</summary>
    /// <param name="path">Where.</param>
    /// <param name="value">What.</param>
    public static JsonPatchOperation Add(string path, JsonNode? value) => new() { Op = "add", Path = path, Value = Element(value) };

    /// <summary>Replaces a member that must be there.</summary>
    /// <param name="path">Where.</param>
    /// <param name="value">What.</param>
    public static JsonPatchOperation Replace(string path, JsonNode? value) => new() { Op = "replace", Path = path, Value = Element(value) };

    /// <summary>Removes a member that must be there.</summary>
    /// <param name="path">Where.</param>
    public static JsonPatchOperation Remove(string path) => new() { Op = "remove", Path = path };

    /// <summary>Refuses the whole patch unless the member has this value.</summary>
    /// <param name="path">Where.</param>
    /// <param name="value">What.</param>
    public static JsonPatchOperation Test(string path, JsonNode? value) => new() { Op = "test", Path = path, Value = Element(value) };

    /// <summary>Escapes one name of a JSON pointer, for example a label with a slash.</summary>
    /// <param name="name">The name.</param>
    public static string Escape(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
    }

    private static JsonElement Element(JsonNode? node)
    {
        using var document = JsonDocument.Parse(node?.ToJsonString() ?? "null");
        return document.RootElement.Clone();
    }
}
