using System.Globalization;
using System.Text.Json.Nodes;
using ChaosDrill.Actions.Undos;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;

namespace ChaosDrill.Actions.Faults.Scale;

/// <summary>Sets the replicas of a workload, and sets them back.</summary>
internal sealed class ScaleReversal(Place place, int before, int after) : Reversal
{
    public const string UndoKind = "scale";

    private const string Path = "/spec/replicas";

    public override Place Place => place;

    public static ScaleReversal FromJson(JsonObject json) => new(Place.FromJson(json["object"]!.AsObject()), (int)json["before"]!, (int)json["after"]!);

    public static int ReplicasOf(JsonObject found) => (int?)found["spec"]?["replicas"] ?? 1;

    public override Standing Of(JsonObject found)
    {
        var now = ReplicasOf(found);
        return now == after ? Standing.Drill : now == before ? Standing.Original : Standing.Other;
    }

    public override IEnumerable<JsonPatchOperation> Forth(JsonObject found) => [JsonPatchOperation.Add(Path, after)];

    public override IEnumerable<JsonPatchOperation> Back(JsonObject found) => [JsonPatchOperation.Add(Path, before)];

    public override string Shown(JsonObject found) => ReplicasOf(found) is 1 ? "1 replica" : $"{ReplicasOf(found).ToString(CultureInfo.InvariantCulture)} replicas";

    public override JsonObject ToJson() => new() { ["object"] = place.ToJson(), ["before"] = before, ["after"] = after };

    public override Task TidyAsync(KubernetesClient client, UndoRecord undo, CancellationToken cancellationToken) =>
        place.Resource.Kind == "Deployment" ? ReplicaSetTraces.ClearAsync(client, place, undo, _ => false, cancellationToken) : Task.CompletedTask;
}
