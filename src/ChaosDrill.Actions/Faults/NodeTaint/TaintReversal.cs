using System.Globalization;
using System.Text.Json.Nodes;
using ChaosDrill.Actions.Undos;
using ChaosDrill.Kubernetes;

namespace ChaosDrill.Actions.Faults.NodeTaint;

/// <summary>Adds one taint (by key and effect) to those of a node, and removes that one; the others belong to others.</summary>
internal sealed class TaintReversal(Place place, string key, string? value, string effect) : Reversal
{
    public const string UndoKind = "nodeTaint";

    public override Place Place => place;

    public static TaintReversal FromJson(JsonObject json) =>
        new(Place.FromJson(json["object"]!.AsObject()), (string)json["key"]!, (string?)json["value"], (string)json["effect"]!);

    public override Standing Of(JsonObject found) => Find(found) switch
    {
        null => Standing.Original,
        { Taint: var taint } => ((string?)taint["value"] ?? "") == (value ?? "") ? Standing.Drill : Standing.Other,
    };

    public override IEnumerable<JsonPatchOperation> Forth(JsonObject found)
    {
        var taint = new JsonObject { ["key"] = key, ["effect"] = effect };
        if (value is not null)
        {
            taint["value"] = value;
        }

        return found["spec"]?["taints"] is JsonArray
            ? [JsonPatchOperation.Add("/spec/taints/-", taint)]
            : [JsonPatchOperation.Add("/spec/taints", new JsonArray(taint))];
    }

    public override IEnumerable<JsonPatchOperation> Back(JsonObject found) =>
        ((JsonArray)found["spec"]!["taints"]!).Count == 1
            ? [JsonPatchOperation.Remove("/spec/taints")]
            : [JsonPatchOperation.Remove("/spec/taints/" + Find(found)!.Value.Index.ToString(CultureInfo.InvariantCulture))];

    public override string Shown(JsonObject found) =>
        Find(found) is { Taint: var taint } ? $"tainted {key}={(string?)taint["value"]}:{effect}" : $"not tainted {key}:{effect}";

    public override JsonObject ToJson() => new() { ["object"] = place.ToJson(), ["key"] = key, ["value"] = value, ["effect"] = effect };

    private (JsonObject Taint, int Index)? Find(JsonObject node)
    {
        var taints = node["spec"]?["taints"] as JsonArray ?? [];
        for (var i = 0; i < taints.Count; i++)
        {
            if (taints[i] is JsonObject taint && (string?)taint["key"] == key && (string?)taint["effect"] == effect)
            {
                return (taint, i);
            }
        }

        return null;
    }
}
