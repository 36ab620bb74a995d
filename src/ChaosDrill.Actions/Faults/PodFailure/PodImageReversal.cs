using System.Text.Json.Nodes;
using ChaosDrill.Actions.Undos;
using ChaosDrill.Kubernetes;

namespace ChaosDrill.Actions.Faults.PodFailure;

/// <summary>Gives a pod's containers an image that cannot start, and gives them back their own.</summary>
/// <param name="place">The pod.</param>
/// <param name="before">Images of the containers before, by the container's name.</param>
/// <param name="broken">The image that they get.</param>
internal sealed class PodImageReversal(Place place, IReadOnlyDictionary<string, string> before, string broken) : Reversal
{
    public const string UndoKind = "podFailure";

    private readonly ContainerImages _images = new("/spec", before);

    public override Place Place => place;

    public static PodImageReversal FromJson(JsonObject json) =>
        new(Place.FromJson(json["object"]!.AsObject()), ContainerImages.FromJson(json["images"]!), (string)json["broken"]!);

    public override Standing Of(JsonObject found) => _images.Standing(found["spec"], broken);

    public override IEnumerable<JsonPatchOperation> Forth(JsonObject found) => _images.Setting(found["spec"], _ => broken);

    public override IEnumerable<JsonPatchOperation> Back(JsonObject found) => _images.Setting(found["spec"], name => before[name]);

    public override string Shown(JsonObject found) => _images.Shown(found["spec"]);

    public override JsonObject ToJson() => new() { ["object"] = place.ToJson(), ["images"] = _images.ToJson(), ["broken"] = broken };
}
