using System.Globalization;
using System.Text.Json.Nodes;
using ChaosDrill.Actions.Undos;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;

namespace ChaosDrill.Actions.Faults.RolloutFailure;

/// <summary>Breaks a deployment's pod template and mends it. Only what was broken is put back: other changes to the template are others'.</summary>
/// <param name="place">The deployment.</param>
/// <param name="images">Images of the containers before, by the container's name.</param>
/// <param name="broken">The image that they get; null when a node selector breaks them.</param>
internal sealed class RolloutReversal(Place place, IReadOnlyDictionary<string, string> images, string? broken) : Reversal
{
    public const string UndoKind = "rolloutFailure";

    private const string SelectorKey = "chaosdrill.dev/no-such-node";
    private const string PodSpec = "/spec/template/spec";

    public override Place Place => place;

    public static RolloutReversal FromJson(JsonObject json) => new(
        Place.FromJson(json["object"]!.AsObject()), json["images"]!.AsObject().ToDictionary(i => i.Key, i => (string)i.Value!), (string?)json["broken"]);

    public static Dictionary<string, string> ImagesOf(JsonObject workload) =>
        Containers(workload).ToDictionary(c => (string)c["name"]!, c => (string?)c["image"] ?? "");

    public override Standing Of(JsonObject found)
    {
        if (broken is null)
        {
            return Selector(found)?.ContainsKey(SelectorKey) == true ? Standing.Drill : Standing.Original;
        }

        var now = ImagesOf(found);
        return images.Keys.All(c => now.GetValueOrDefault(c) == broken) ? Standing.Drill
            : images.All(i => now.GetValueOrDefault(i.Key) == i.Value) ? Standing.Original
            : Standing.Other;
    }

    public override IEnumerable<JsonPatchOperation> Forth(JsonObject found) => broken is not null
        ? Images(found, _ => broken)
        : Selector(found) is null
            ? [JsonPatchOperation.Add(PodSpec + "/nodeSelector", new JsonObject { [SelectorKey] = "true" })]
            : [JsonPatchOperation.Add($"{PodSpec}/nodeSelector/{JsonPatchOperation.Escape(SelectorKey)}", "true")];

    public override IEnumerable<JsonPatchOperation> Back(JsonObject found) => broken is not null
        ? Images(found, name => images[name])
        : Selector(found)!.Count == 1
            ? [JsonPatchOperation.Remove(PodSpec + "/nodeSelector")]
            : [JsonPatchOperation.Remove($"{PodSpec}/nodeSelector/{JsonPatchOperation.Escape(SelectorKey)}")];

    public override string Shown(JsonObject found) => broken is null
        ? Of(found) == Standing.Drill ? $"node selector {SelectorKey}" : "no node selector of the drill"
        : "image " + string.Join(", ", ImagesOf(found).Where(i => images.ContainsKey(i.Key)).Select(i => i.Value).Distinct());

    public override JsonObject ToJson() => new()
    {
        ["object"] = place.ToJson(),
        ["images"] = new JsonObject(images.Select(i => KeyValuePair.Create(i.Key, (JsonNode?)i.Value))),
        ["broken"] = broken,
    };

    public override Task TidyAsync(KubernetesClient client, UndoRecord undo, CancellationToken cancellationToken) =>
        ReplicaSetTraces.ClearAsync(client, place, undo, set => Of(set) == Standing.Drill, cancellationToken);

    private static JsonObject? Selector(JsonObject workload) => workload["spec"]?["template"]?["spec"]?["nodeSelector"] as JsonObject;

    private static IEnumerable<JsonObject> Containers(JsonObject workload) =>
        (workload["spec"]?["template"]?["spec"]?["containers"] as JsonArray ?? []).OfType<JsonObject>();

    private IEnumerable<JsonPatchOperation> Images(JsonObject found, Func<string, string> imageOf) => Containers(found)
        .Select((container, index) => (Name: (string)container["name"]!, Index: index))
        .Where(c => images.ContainsKey(c.Name))
        .Select(c => JsonPatchOperation.Replace($"{PodSpec}/containers/{c.Index.ToString(CultureInfo.InvariantCulture)}/image", imageOf(c.Name)));
}
