using System.Text.Json.Nodes;
using ChaosDrill.Twin.Api;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin;

/// <summary>What evictions and the disruption controller both ask of a disruption budget.</summary>
internal static class Budgets
{
    /// <summary>Whether a budget speaks of this pod. No selector means none, an empty one means all of the namespace.</summary>
    public static bool Covers(StoredObject budget, StoredObject pod) =>
        budget.Spec.Obj("selector") is { } selector && LabelSelector.FromObject(selector).Matches(pod.Labels);

    /// <summary>Sets how many pods may go, and the condition that says so.</summary>
    public static void SetAllowed(JsonObject budget, long allowed, string now, string? failure = null)
    {
        var status = budget.Child("status");
        status["disruptionsAllowed"] = allowed;
        if (status["conditions"] is not JsonArray conditions)
        {
            status["conditions"] = conditions = [];
        }

        var known = conditions.Objects().FirstOrDefault(c => c.Str("type") == "DisruptionAllowed");
        var state = failure is null && allowed > 0 ? "True" : "False";
        var condition = new JsonObject
        {
            ["type"] = "DisruptionAllowed",
            ["status"] = state,
            ["observedGeneration"] = budget.Meta().Int("generation") ?? 1,
            ["lastTransitionTime"] = known.Str("status") == state ? known.Str("lastTransitionTime") : now,
            ["reason"] = failure is not null ? "SyncFailed" : allowed > 0 ? "SufficientPods" : "InsufficientPods",
            ["message"] = failure ?? "",
        };
        if (known is not null)
        {
            conditions.Remove(known);
        }

        conditions.Add(condition);
    }
}
