using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;

namespace ChaosDrill.Actions.Undos;

/// <summary>
/// The way back as it stands on the changed object itself, in the annotation <c>chaosdrill.dev/undo</c>: a list, since
/// one object may have been changed in several ways. Whoever finds it can go back without any store.
/// </summary>
internal static class UndoMark
{
    public const string Annotation = "chaosdrill.dev/undo";

    private static readonly string Pointer = "/metadata/annotations/" + JsonPatchOperation.Escape(Annotation);

    /// <summary>The marks of an object; none when there are none, or when somebody wrote nonsense there.</summary>
    public static IReadOnlyList<UndoRecord> Of(JsonObject item)
    {
        if ((string?)item["metadata"]?["annotations"]?[Annotation] is not { } text)
        {
            return [];
        }

        try
        {
            return [.. (JsonNode.Parse(text) as JsonArray ?? []).OfType<JsonObject>().Select(Read)];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or ArgumentNullException)
        {
            return [];
        }
    }

    /// <summary>The operations that add a mark to an object.</summary>
    public static IEnumerable<JsonPatchOperation> Adding(JsonObject item, UndoRecord undo)
    {
        if (item["metadata"]?["annotations"] is null)
        {
            yield return JsonPatchOperation.Add("/metadata/annotations", new JsonObject());
        }

        yield return JsonPatchOperation.Add(Pointer, Text([.. Of(item), undo]));
    }

    /// <summary>The operations that remove a mark from an object.</summary>
    public static IEnumerable<JsonPatchOperation> Removing(JsonObject item, UndoRecord undo)
    {
        var rest = Of(item).Where(u => !IsSame(u, undo)).ToList();
        if (rest.Count > 0)
        {
            yield return JsonPatchOperation.Replace(Pointer, Text(rest));
        }
        else if (item["metadata"]!["annotations"]!.AsObject().Count == 1)
        {
            yield return JsonPatchOperation.Remove("/metadata/annotations");
        }
        else
        {
            yield return JsonPatchOperation.Remove(Pointer);
        }
    }

    /// <summary>Whether two are the same way back.</summary>
    public static bool IsSame(UndoRecord a, UndoRecord b) => a.DrillId == b.DrillId && a.Id == b.Id;

    /// <summary>The annotation's text.</summary>
    public static string Text(IEnumerable<UndoRecord> undos) => new JsonArray([.. undos.Select(u => (JsonNode)new JsonObject
    {
        ["drill"] = u.DrillId,
        ["undo"] = u.Id,
        ["kind"] = u.Kind,
        ["description"] = u.Description,
        ["putBack"] = JsonNode.Parse(u.Payload),
        ["expiresAt"] = u.ExpiresAt.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
    })]).ToJsonString();

    private static UndoRecord Read(JsonObject mark) => new(
        (string)mark["drill"]!, (string)mark["undo"]!, (string)mark["kind"]!, (string?)mark["description"] ?? "", mark["putBack"]!.ToJsonString(),
        DateTimeOffset.Parse((string)mark["expiresAt"]!, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind));
}
