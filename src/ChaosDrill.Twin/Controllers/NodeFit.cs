using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Controllers;

/// <summary>Whether a node takes a pod, and why not, in the scheduler's own words.</summary>
internal static class NodeFit
{
    public static string? Refusal(StoredObject pod, StoredObject node, int podsThere)
    {
        if (node.Spec.Bool("unschedulable") == true && !Tolerates(pod, "node.kubernetes.io/unschedulable", "", "NoSchedule"))
        {
            return "node(s) were unschedulable";
        }

        foreach (var taint in node.Spec.Arr("taints").Objects())
        {
            var effect = taint.Str("effect") ?? "";
            if (effect is "NoSchedule" or "NoExecute" && !Tolerates(pod, taint.Str("key") ?? "", taint.Str("value") ?? "", effect))
            {
                var value = taint.Str("value") is { Length: > 0 } v ? $": {v}" : ": ";
                return $"node(s) had untolerated taint {{{taint.Str("key")}{value}}}";
            }
        }

        if (node.Status.Arr("conditions").Objects().FirstOrDefault(c => c.Str("type") == "Ready").Str("status") != "True")
        {
            return "node(s) had untolerated taint {node.kubernetes.io/not-ready: }";
        }

        foreach (var (key, value) in pod.Spec.Obj("nodeSelector") ?? [])
        {
            if (node.Labels.Str(key) != value.AsStr())
            {
                return "node(s) didn't match Pod's node affinity/selector";
            }
        }

        return long.TryParse(node.Status.Obj("allocatable").Str("pods"), out var limit) && podsThere >= limit ? "Too many pods" : null;
    }

    private static bool Tolerates(StoredObject pod, string key, string value, string effect) =>
        pod.Spec.Arr("tolerations").Objects().Any(t => Matches(t, key, value, effect));

    private static bool Matches(JsonObject toleration, string key, string value, string effect)
    {
        if (toleration.Str("effect") is { Length: > 0 } only && only != effect)
        {
            return false;
        }

        var own = toleration.Str("key") ?? "";
        return (own.Length == 0 && toleration.Str("operator") == "Exists") ||
            (own == key && (toleration.Str("operator") == "Exists" || (toleration.Str("value") ?? "") == value));
    }
}
