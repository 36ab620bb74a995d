using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;

namespace ChaosDrill.Twin.Tests.Fidelity;

/// <summary>What matters in one version of a watched object: few facts, each compared through the life of the object.</summary>
/// <remarks>Numbers are compared by where they turn, all else by each change: how many steps a count takes depends on the speed of the machines.</remarks>
internal static class WatchFacts
{
    public static JsonObject Of(JsonObject seen)
    {
        var spec = seen.Obj("spec");
        var status = seen.Obj("status");
        return seen.Str("kind") switch
        {
            "Pod" => new() { ["life"] = Join(status.Str("phase"), IsTrue(status, "Ready") ? "ready" : null, spec?["nodeName"] is null ? "unscheduled" : null, Reason(status, "DisruptionTarget"), Going(seen)) },
            "Deployment" => new() { ["available"] = status.Int("availableReplicas") ?? 0, ["progress"] = Reason(status, "Progressing"), ["availability"] = Reason(status, "Available"), ["going"] = Going(seen) },
            "ReplicaSet" => new() { ["available"] = status.Int("availableReplicas") ?? 0 },
            "StatefulSet" => new() { ["available"] = status.Int("availableReplicas") ?? 0 },
            "DaemonSet" => new() { ["available"] = status.Int("numberAvailable") ?? 0 },
            "Job" => new() { ["succeeded"] = status.Int("succeeded") ?? 0, ["complete"] = Reason(status, "Complete") },
            "EndpointSlice" => new() { ["ready"] = seen.Arr("endpoints").Objects().Count(e => e.Obj("conditions").Bool("ready") == true) },
            "PodDisruptionBudget" => new() { ["allowed"] = status.Int("disruptionsAllowed") ?? 0, ["healthy"] = status.Int("currentHealthy") ?? 0, ["expected"] = status.Int("expectedPods") ?? 0, ["condition"] = Reason(status, "DisruptionAllowed") },
            "Node" => new()
            {
                ["ready"] = Reason(status, "Ready"), ["cordoned"] = spec.Bool("unschedulable") == true,
                ["taints"] = string.Join(' ', spec.Arr("taints").Objects().Select(t => $"{t.Str("key")}:{t.Str("effect")}").Order(StringComparer.Ordinal)),
            },
            "Namespace" => new() { ["phase"] = status.Str("phase"), ["conditions"] = string.Join(' ', status.Arr("conditions").Objects().Select(c => $"{c.Str("type")}={c.Str("status")}/{c.Str("reason")}")) },
            "Event" => new() { ["said"] = $"{seen.Str("type")} {seen.Str("reason")}: {seen.Str("message")}" },
            _ => new() { ["phase"] = status.Str("phase") },
        };
    }

    /// <summary>Whom an event is about; the object itself for all else.</summary>
    public static string Subject(JsonObject seen) => (seen.Str("kind") == "Event" ? seen.Obj("involvedObject").Str("name") : seen.Obj("metadata").Str("name")) ?? "";

    private static string Join(params string?[] words) => string.Join(' ', words.OfType<string>());

    private static string? Going(JsonObject seen) => seen.Obj("metadata")?["deletionTimestamp"] is null ? null : "going";

    private static bool IsTrue(JsonObject? status, string type) => Condition(status, type).Str("status") == "True";

    private static string? Reason(JsonObject? status, string type) => Condition(status, type).Str("reason");

    private static JsonObject? Condition(JsonObject? status, string type) => status.Arr("conditions").Objects().FirstOrDefault(c => c.Str("type") == type);
}
