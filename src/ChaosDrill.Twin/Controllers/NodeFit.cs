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

    private readonly PodRequests allocatable = new(
        Quantity.Parse(node.Status.Obj("allocatable")?["cpu"]) ?? decimal.MaxValue, Quantity.Parse(node.Status.Obj("allocatable")?["memory"]) ?? decimal.MaxValue);

    /// <summary>Reasons in the scheduler's words, and whether it would not help if other pods made room.</summary>
    internal sealed record Refused(IReadOnlyList<string> Reasons, bool Final);

    public string Name => node.Name;

    public JsonObject? Labels => node.Labels;

    /// <summary>Why the node does not take a pod; null when it does.</summary>
    public Refused? Refuse(StoredObject pod, PodRequests wanted, int podsThere, PodRequests used)
    {
        if (Unfit(pod) is { } reason)
        {
            return new([reason], Final: true);
        }

        var reasons = new List<string>();
        var room = allocatable - used;
        if (podsThere >= limit)
        {
            reasons.Add("Too many pods");
        }

        if (wanted.Cpu > 0 && wanted.Cpu > room.Cpu)
        {
            reasons.Add("Insufficient cpu");
        }

        if (wanted.Memory > 0 && wanted.Memory > room.Memory)
        {
            reasons.Add("Insufficient memory");
        }

        return reasons.Count == 0 ? null : new(reasons, wanted.Cpu > allocatable.Cpu || wanted.Memory > allocatable.Memory);
    }

    private string? Unfit(StoredObject pod)
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

        return IsChosen(pod) ? null : "node(s) didn't match Pod's node affinity/selector";
    }

    /// <summary>Whether a pod tolerates all that keeps pods from being scheduled here.</summary>
    public bool IsTolerated(StoredObject pod) => taints.TrueForAll(t => t.Str("effect") == "PreferNoSchedule" || Tolerates(pod, t));

    /// <summary>Whether a daemon's pod should be started here, and whether one that is here may stay.</summary>
    public (bool Run, bool Stay) Suits(StoredObject pod)
    {
        var chosen = IsChosen(pod);
        return (chosen && ready && Tolerated("NoSchedule") && Tolerated("NoExecute"), chosen && Tolerated("NoExecute"));

        bool Tolerated(string effect) => taints.TrueForAll(t => t.Str("effect") != effect || Tolerates(pod, t));
    }

    /// <summary>Whether the pod's node selector and required node affinity choose this node.</summary>
    public bool IsChosen(StoredObject pod)
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
