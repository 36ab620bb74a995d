using System.Text.Json.Nodes;
using ChaosDrill.Actions.Undos;
using ChaosDrill.Kubernetes;

namespace ChaosDrill.Actions.Faults.NodeCordon;

/// <summary>Cordons a node that is not cordoned, and uncordons it.</summary>
internal sealed class CordonReversal(Place place) : Reversal
{
    public const string UndoKind = "nodeCordon";

    private const string Path = "/spec/unschedulable";

    public override Place Place => place;

    public static CordonReversal FromJson(JsonObject json) => new(Place.FromJson(json["object"]!.AsObject()));

    public static bool IsCordoned(JsonObject node) => (bool?)node["spec"]?["unschedulable"] == true;

    // There are two states only, so that nobody else's hand can show.
    public override Standing Of(JsonObject found) => IsCordoned(found) ? Standing.Drill : Standing.Original;

    public override IEnumerable<JsonPatchOperation> Forth(JsonObject found) => [JsonPatchOperation.Add(Path, true)];

    public override IEnumerable<JsonPatchOperation> Back(JsonObject found) => [JsonPatchOperation.Remove(Path)];

    public override string Shown(JsonObject found) => IsCordoned(found) ? "unschedulable" : "schedulable";

    public override JsonObject ToJson() => new() { ["object"] = place.ToJson() };
}
