using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Controllers;

/// <summary>The taints that the control plane itself puts on nodes, and what tolerates them.</summary>
internal static class NodeTaints
{
    public const string NotReady = "node.kubernetes.io/not-ready";
    public const string OutOfService = "node.kubernetes.io/out-of-service";
    public const string Unreachable = "node.kubernetes.io/unreachable";
    public const string Unschedulable = "node.kubernetes.io/unschedulable";

    /// <summary>Makes those of the given taints present that are wanted, with one effect; others are left alone.</summary>
    public static void Set(ControlPlane plane, StoredObject node, string effect, string[] own, IReadOnlyCollection<string> wanted)
    {
        var present = node.Spec.Arr("taints").Objects().Where(t => t.Str("effect") == effect && own.Contains(t.Str("key"))).Select(t => t.Str("key")!).ToHashSet();
        if (present.SetEquals(wanted))
        {
            return;
        }

        plane.Registry.Change(node, json =>
        {
            var spec = json.Child("spec");
            var taints = new JsonArray();
            foreach (var taint in spec.Arr("taints").Objects().Where(t => t.Str("effect") != effect || !own.Contains(t.Str("key")) || wanted.Contains(t.Str("key")!)))
            {
                taints.Add(taint.DeepClone());
            }

            foreach (var key in wanted.Where(w => !present.Contains(w)))
            {
                taints.Add(new JsonObject { ["key"] = key, ["effect"] = effect, ["timeAdded"] = plane.NowText });
            }

            if (taints.Count > 0)
            {
                spec["taints"] = taints;
            }
            else
            {
                spec.Remove("taints");
            }
        });
    }

    public static bool Has(StoredObject node, string key) => node.Spec.Arr("taints").Objects().Any(t => t.Str("key") == key);

    /// <summary>Whether one toleration of a pod puts up with a taint.</summary>
    public static bool Tolerates(JsonObject toleration, JsonObject taint)
    {
        if (toleration.Str("effect") is { Length: > 0 } only && only != taint.Str("effect"))
        {
            return false;
        }

        var own = toleration.Str("key") ?? "";
        return (own.Length == 0 && toleration.Str("operator") == "Exists") ||
            (own == taint.Str("key") && (toleration.Str("operator") == "Exists" || (toleration.Str("value") ?? "") == (taint.Str("value") ?? "")));
    }
}
