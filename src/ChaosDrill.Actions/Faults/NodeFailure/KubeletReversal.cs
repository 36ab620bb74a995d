using System.Text.Json.Nodes;
using ChaosDrill.Actions.Undos;
using ChaosDrill.Kubernetes;

namespace ChaosDrill.Actions.Faults.NodeFailure;

/// <summary>Stops and starts a kubelet of the twin, by the annotation that the twin obeys.</summary>
internal sealed class KubeletReversal(Place place) : Reversal
{
    public const string UndoKind = "nodeFailure";

    private const string Annotation = "twin.chaosdrill.dev/kubelet";
    private const string Stopped = "stopped";

    private static readonly string Pointer = "/metadata/annotations/" + JsonPatchOperation.Escape(Annotation);

    public override Place Place => place;

    public static KubeletReversal FromJson(JsonObject json) => new(Place.FromJson(json["object"]!.AsObject()));

    /// <summary>Whether a node is one of a twin's: only there does the annotation mean anything.</summary>
    public static bool IsOfTwin(Node node) => node.Spec.ProviderID?.StartsWith("twin://", StringComparison.Ordinal) == true;

    /// <summary>Whether a node's kubelet was told to stop.</summary>
    public static bool IsStopped(ObjectMeta node) => node.Annotations.GetValueOrDefault(Annotation) == Stopped;

    // There are two states only, so that nobody else's hand can show.
    public override Standing Of(JsonObject found) => Says(found) == Stopped ? Standing.Drill : Standing.Original;

    // The mark, which goes before, has made sure that there are annotations.
    public override IEnumerable<JsonPatchOperation> Forth(JsonObject found) => [JsonPatchOperation.Add(Pointer, Stopped)];

    public override IEnumerable<JsonPatchOperation> Back(JsonObject found) => [JsonPatchOperation.Remove(Pointer)];

    public override string Shown(JsonObject found) => Says(found) == Stopped ? "kubelet stopped" : "kubelet runs";

    public override JsonObject ToJson() => new() { ["object"] = place.ToJson() };

    private static string? Says(JsonObject node) => (string?)node["metadata"]?["annotations"]?[Annotation];
}
