using System.Text.Json.Nodes;
using ChaosDrill.Actions.Undos;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;

namespace ChaosDrill.Actions.Activities.Manifests;

/// <summary>
/// A change to an object by a merge patch (RFC 7386). Undo knows what stood where the patch wrote, and writes it there
/// again as long as the object is as the drill made it.
/// </summary>
/// <param name="place">The object.</param>
/// <param name="before">What stood where the patch writes; null where nothing did.</param>
/// <param name="after">The patch.</param>
internal sealed class MergeReversal(Place place, JsonObject before, JsonObject after) : Reversal
{
    public const string UndoKind = "apply";

    /// <summary>The mark stands there, so that the map is there by the time of the change, and stays until the mark goes.</summary>
    private const string Annotations = "annotations";

    public override Place Place => place;

    public static MergeReversal FromJson(JsonObject json) =>
        new(Place.FromJson(json["object"]!.AsObject()), json["before"]!.DeepClone().AsObject(), json["after"]!.DeepClone().AsObject());

    /// <summary>The change that a manifest makes to an object.</summary>
    public static MergeReversal Of(Place place, JsonObject found, JsonObject manifest)
    {
        var after = new JsonObject(manifest.Where(m => m.Key is not ("apiVersion" or "kind" or "metadata" or "status")).Select(m => KeyValuePair.Create(m.Key, m.Value?.DeepClone())));
        var metadata = new JsonObject(
            (manifest["metadata"] as JsonObject ?? []).Where(m => m.Key is "labels" or "annotations").Select(m => KeyValuePair.Create(m.Key, m.Value?.DeepClone())));
        if (metadata.Count > 0)
        {
            after["metadata"] = metadata;
        }

        return new MergeReversal(place, Covered(found, after), after);
    }

    public override Standing Of(JsonObject found) => Matches(found, after) ? Standing.Drill : Matches(found, before) ? Standing.Original : Standing.Other;

    public override IEnumerable<JsonPatchOperation> Forth(JsonObject found) => Setting(found, after, "");

    public override IEnumerable<JsonPatchOperation> Back(JsonObject found) => Setting(found, before, "");

    public override string Shown(JsonObject found) => Of(found) switch
    {
        Standing.Drill => "as the drill set it",
        Standing.Original => "as it was",
        _ => "as somebody else set it",
    };

    public override JsonObject ToJson() => new() { ["object"] = place.ToJson(), ["before"] = before.DeepClone(), ["after"] = after.DeepClone() };

    public override Task TidyAsync(KubernetesClient client, UndoRecord undo, CancellationToken cancellationToken) =>
        place.Resource.Kind == "Deployment" ? ReplicaSetTraces.ClearAsync(client, place, undo, _ => false, cancellationToken) : Task.CompletedTask;

    /// <summary>What stands in an object where a patch writes.</summary>
    private static JsonObject Covered(JsonObject found, JsonObject patch) => new(patch.Select(m => KeyValuePair.Create(
        m.Key,
        m.Value is JsonObject inner && found[m.Key] is JsonObject there ? Covered(there, inner)
        : m.Value is JsonObject marked && m.Key == Annotations ? Covered([], marked)
        : found[m.Key]?.DeepClone())));

    /// <summary>Whether an object has what a patch would make of it; the server adds what it defaults.</summary>
    private static bool Matches(JsonNode? found, JsonObject patch) => patch.All(m => m.Value switch
    {
        JsonObject inner => Matches((found as JsonObject)?[m.Key], inner),
        var value => CreatedObject.Contains((found as JsonObject)?[m.Key], value),
    });

    private static IEnumerable<JsonPatchOperation> Setting(JsonNode? found, JsonObject values, string path)
    {
        foreach (var (key, value) in values)
        {
            var pointer = $"{path}/{JsonPatchOperation.Escape(key)}";
            var there = found?[key];
            if (value is null)
            {
                if (there is not null)
                {
                    yield return JsonPatchOperation.Remove(pointer);
                }
            }
            else if (value is JsonObject inner && (there is JsonObject || key == Annotations))
            {
                foreach (var operation in Setting(there, inner, pointer))
                {
                    yield return operation;
                }
            }
            else
            {
                yield return JsonPatchOperation.Add(pointer, value.DeepClone());
            }
        }
    }
}
