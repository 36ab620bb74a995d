using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Controllers;

/// <summary>Whether a node takes a pod, and why not, in the scheduler's own words.</summary>
internal sealed class NodeFit(StoredObject node)
{
    private static readonly JsonObject Cordon = new() { ["key"] = NodeTaints.Unschedulable, ["effect"] = "NoSchedule" };

    // Read once for each version of a node: a scheduler asks about every node for every pod.
    private readonly bool unschedulable = node.Spec.Bool("unschedulable") == true;
    private readonly bool ready = node.Status.Arr("conditions").Objects().FirstOrDefault(c => c.Str("type") == "Ready").Str("status") == "True";
    private readonly List<JsonObject> taints = [.. node.Spec.Arr("taints").Objects()];
    private readonly long limit = long.TryParse(node.Status.Obj("allocatable").Str("pods"), out var pods) ? pods : long.MaxValue;

    public string Name => node.Name;

    public string? Refusal(StoredObject pod, int podsThere)
    {
        if (unschedulable && !Tolerates(pod, Cordon))
        {
            return "node(s) were unschedulable";
        }

        foreach (var taint in taints)
        {
            var effect = taint.Str("effect") ?? "";
            if (effect is "NoSchedule" or "NoExecute" && !Tolerates(pod, taint))
            {
                var value = taint.Str("value") is { Length: > 0 } v ? $": {v}" : ": ";
                return $"node(s) had untolerated taint {{{taint.Str("key")}{value}}}";
            }
        }

        if (!ready)
        {
            return "node(s) had untolerated taint {node.kubernetes.io/not-ready: }";
        }

        if (!IsChosen(pod))
        {
            return "node(s) didn't match Pod's node affinity/selector";
        }

        return podsThere >= limit ? "Too many pods" : null;
    }

    /// <summary>Whether a daemon's pod should be started here, and whether one that is here may stay.</summary>
    public (bool Run, bool Stay) Suits(StoredObject pod)
    {
        var chosen = IsChosen(pod);
        return (chosen && ready && Tolerated("NoSchedule") && Tolerated("NoExecute"), chosen && Tolerated("NoExecute"));

        bool Tolerated(string effect) => taints.TrueForAll(t => t.Str("effect") != effect || Tolerates(pod, t));
    }

    /// <summary>Whether the pod's node selector and required node affinity choose this node.</summary>
    private bool IsChosen(StoredObject pod)
    {
        if (pod.Spec.Obj("nodeSelector") is { } selector && !selector.All(s => node.Labels.Str(s.Key) == s.Value.AsStr()))
        {
            return false;
        }

        return pod.Spec.Obj("affinity").Obj("nodeAffinity").Obj("requiredDuringSchedulingIgnoredDuringExecution") is not { } required ||
            required.Arr("nodeSelectorTerms").Objects().Any(term =>
                (term.Arr("matchFields") is { Count: > 0 } || term.Arr("matchExpressions") is { Count: > 0 }) &&
                term.Arr("matchFields").Objects().All(f => f.Str("key") == "metadata.name" && Meets(f, node.Name)) &&
                term.Arr("matchExpressions").Objects().All(e => Meets(e, node.Labels.Str(e.Str("key") ?? ""))));
    }

    private static bool Meets(JsonObject requirement, string? value)
    {
        var values = requirement.Arr("values").Strings();
        return requirement.Str("operator") switch
        {
            "In" => value is not null && values.Contains(value),
            "NotIn" => value is null || !values.Contains(value),
            "Exists" => value is not null,
            "DoesNotExist" => value is null,
            "Gt" => long.TryParse(value, out var number) && long.TryParse(values.FirstOrDefault(), out var limit) && number > limit,
            "Lt" => long.TryParse(value, out var number) && long.TryParse(values.FirstOrDefault(), out var limit) && number < limit,
            _ => false,
        };
    }

    private static bool Tolerates(StoredObject pod, JsonObject taint) =>
        pod.Spec.Arr("tolerations").Objects().Any(t => NodeTaints.Tolerates(t, taint));
}
