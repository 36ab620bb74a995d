using System.Text.Json.Nodes;
using ChaosDrill.Actions.Undos;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;

namespace ChaosDrill.Actions.Faults.RolloutFailure;

/// <summary>Breaks a deployment's pod template and mends it. Only what was broken is put back: other changes to the template are others'.</summary>
/// <param name="place">The deployment.</param>
/// <param name="images">Images of the containers before, by the container's name.</param>
/// <param name="broken">The image that they get; null when something else breaks them.</param>
/// <param name="commands">Commands of the containers before, by the container's name, when another command breaks them; null when something else does.</param>
internal sealed class RolloutReversal(Place place, IReadOnlyDictionary<string, string> images, string? broken, JsonObject? commands) : Reversal
{
    public const string UndoKind = "rolloutFailure";

    private const string SelectorKey = "chaosdrill.dev/no-such-node";
    private const string PodSpec = "/spec/template/spec";

    private readonly ContainerImages _images = new(PodSpec, images);
    private readonly ContainerCommands _commands = new(PodSpec, commands ?? []);

    public override Place Place => place;

    // An image without such a program crashes as well: its container cannot be started.
    private static JsonArray Crash => ["false"];

    public static RolloutReversal Of(Place place, JsonObject before, RolloutFailure options) =>
        new(place, ContainerImages.Of(SpecOf(before)), options.Image, options.Crashing ? ContainerCommands.Of(SpecOf(before)) : null);

    public static RolloutReversal FromJson(JsonObject json) =>
        new(Place.FromJson(json["object"]!.AsObject()), ContainerImages.FromJson(json["images"]!), (string?)json["broken"], json["commands"]?.DeepClone().AsObject());

    public override Standing Of(JsonObject found) => broken is not null ? _images.Standing(SpecOf(found), broken)
        : commands is not null ? _commands.Standing(SpecOf(found), Crash)
        : Selector(found)?.ContainsKey(SelectorKey) == true ? Standing.Drill : Standing.Original;

    public override IEnumerable<JsonPatchOperation> Forth(JsonObject found) => broken is not null
        ? _images.Setting(SpecOf(found), _ => broken)
        : commands is not null
        ? _commands.Setting(SpecOf(found), _ => Crash)
        : Selector(found) is null
            ? [JsonPatchOperation.Add(PodSpec + "/nodeSelector", new JsonObject { [SelectorKey] = "true" })]
            : [JsonPatchOperation.Add($"{PodSpec}/nodeSelector/{JsonPatchOperation.Escape(SelectorKey)}", "true")];

    public override IEnumerable<JsonPatchOperation> Back(JsonObject found) => broken is not null
        ? _images.Setting(SpecOf(found), name => images[name])
        : commands is not null
        ? _commands.Setting(SpecOf(found), name => commands[name])
        : Selector(found)!.Count == 1
            ? [JsonPatchOperation.Remove(PodSpec + "/nodeSelector")]
            : [JsonPatchOperation.Remove($"{PodSpec}/nodeSelector/{JsonPatchOperation.Escape(SelectorKey)}")];

    public override string Shown(JsonObject found) => broken is not null ? _images.Shown(SpecOf(found))
        : commands is not null ? _commands.Shown(SpecOf(found))
        : Of(found) == Standing.Drill ? $"node selector {SelectorKey}" : "no node selector of the drill";

    public override JsonObject ToJson() => new() { ["object"] = place.ToJson(), ["images"] = _images.ToJson(), ["broken"] = broken, ["commands"] = commands?.DeepClone() };

    public override Task TidyAsync(KubernetesClient client, UndoRecord undo, CancellationToken cancellationToken) =>
        ReplicaSetTraces.ClearAsync(client, place, undo, set => Of(set) == Standing.Drill, cancellationToken);

    private static JsonNode? SpecOf(JsonObject workload) => workload["spec"]?["template"]?["spec"];

    private static JsonObject? Selector(JsonObject workload) => SpecOf(workload)?["nodeSelector"] as JsonObject;
}
