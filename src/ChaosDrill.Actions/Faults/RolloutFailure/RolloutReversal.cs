using System.Text.Json.Nodes;
using ChaosDrill.Actions.Undos;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;

namespace ChaosDrill.Actions.Faults.RolloutFailure;

/// <summary>Breaks a deployment's pod template and mends it. Only what was broken is put back: other changes to the template are others'.</summary>
/// <param name="place">The deployment.</param>
/// <param name="before">Images of the containers before, by the container's name.</param>
/// <param name="broken">The image that they get; null when a node selector breaks them.</param>
internal sealed class RolloutReversal(Place place, IReadOnlyDictionary<string, string> before, string? broken) : Reversal
{
    public const string UndoKind = "rolloutFailure";

    private const string SelectorKey = "chaosdrill.dev/no-such-node";
    private const string PodSpec = "/spec/template/spec";

    private readonly ContainerImages _images = new(PodSpec, before);

    public override Place Place => place;

    public static RolloutReversal FromJson(JsonObject json) =>
        new(Place.FromJson(json["object"]!.AsObject()), ContainerImages.FromJson(json["images"]!), (string?)json["broken"]);

    public static JsonNode? SpecOf(JsonObject workload) => workload["spec"]?["template"]?["spec"];

    public override Standing Of(JsonObject found) => broken is not null ? _images.Standing(SpecOf(found), broken)
        : Selector(found)?.ContainsKey(SelectorKey) == true ? Standing.Drill : Standing.Original;

    public override IEnumerable<JsonPatchOperation> Forth(JsonObject found) => broken is not null
        ? _images.Setting(SpecOf(found), _ => broken)
        : Selector(found) is null
            ? [JsonPatchOperation.Add(PodSpec + "/nodeSelector", new JsonObject { [SelectorKey] = "true" })]
            : [JsonPatchOperation.Add($"{PodSpec}/nodeSelector/{JsonPatchOperation.Escape(SelectorKey)}", "true")];

    public override IEnumerable<JsonPatchOperation> Back(JsonObject found) => broken is not null
        ? _images.Setting(SpecOf(found), name => before[name])
        : Selector(found)!.Count == 1
            ? [JsonPatchOperation.Remove(PodSpec + "/nodeSelector")]
            : [JsonPatchOperation.Remove($"{PodSpec}/nodeSelector/{JsonPatchOperation.Escape(SelectorKey)}")];

    public override string Shown(JsonObject found) => broken is not null ? _images.Shown(SpecOf(found))
        : Of(found) == Standing.Drill ? $"node selector {SelectorKey}" : "no node selector of the drill";

    public override JsonObject ToJson() => new() { ["object"] = place.ToJson(), ["images"] = _images.ToJson(), ["broken"] = broken };

    public override Task TidyAsync(KubernetesClient client, UndoRecord undo, CancellationToken cancellationToken) =>
        ReplicaSetTraces.ClearAsync(client, place, undo, set => Of(set) == Standing.Drill, cancellationToken);

    private static JsonObject? Selector(JsonObject workload) => SpecOf(workload)?["nodeSelector"] as JsonObject;
}
