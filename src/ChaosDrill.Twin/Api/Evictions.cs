using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Api;

/// <summary>The eviction of a pod: a polite deletion that asks the pod's disruption budget first.</summary>
internal sealed class Evictions(ControlPlane plane)
{
    private const string Violates = "Cannot evict pod as it would violate the pod's disruption budget.";

    /// <summary>What the server allows to be evicted without the disruption controller having caught up.</summary>
    private const int MaxDisruptedPods = 2000;

    public ApiResponse Evict(ApiPath path, ApiRequest request, bool dryRun)
    {
        var eviction = BodyReader.Read("Eviction", request);
        if (eviction.Obj("metadata").Str("name") is { Length: > 0 } name && name != path.Name)
        {
            throw Failure.BadRequest("name in URL does not match name in Eviction object");
        }

        var pod = plane.Registry.Get(path.Type, path.Namespace ?? "", path.Name!);
        var options = eviction.Obj("deleteOptions")?.Copy() ?? [];
        dryRun |= options.Arr("dryRun") is { Count: > 0 };
        if (!Free(pod))
        {
            Ask(pod, dryRun);
        }

        if (!dryRun && !pod.IsDeleting)
        {
            pod = plane.Registry.Change(pod, json => PodConditions.Set(json, "DisruptionTarget", "True", plane.NowText, "EvictionByEvictionAPI", "Eviction API: evicting"));
        }

        plane.Registry.Delete(pod, options, dryRun);
        return ApiResponse.Json(new JsonObject { ["kind"] = "Status", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(), ["status"] = "Success", ["code"] = 201L }, 201);
    }

    /// <summary>Pods that serve nobody are evicted whatever their budget says.</summary>
    private static bool Free(StoredObject pod) => pod.IsDeleting || pod.Status.Str("phase") is "Succeeded" or "Failed" or "Pending";

    private void Ask(StoredObject pod, bool dryRun)
    {
        var budgets = plane.Store.List(BuiltInTypes.PodDisruptionBudgets, pod.Namespace).Where(b => Budgets.Covers(b, pod)).ToList();
        if (budgets.Count > 1)
        {
            throw Failure.Of(500, null, "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.");
        }

        if (budgets.Count == 0 || (!PodConditions.IsReady(pod) && Spares(budgets[0])))
        {
            return;
        }

        var budget = budgets[0];
        var status = budget.Status;
        if ((status.Int("observedGeneration") ?? 0) < (budget.Metadata.Int("generation") ?? 1))
        {
            throw TooMany($"The disruption budget {budget.Name} is still being processed by the server.", retryAfter: 10);
        }

        var allowed = status.Int("disruptionsAllowed") ?? 0;
        if (allowed < 0)
        {
            throw Forbidden(budget, "pdb disruptions allowed is negative");
        }

        if (status.Obj("disruptedPods")?.Count > MaxDisruptedPods)
        {
            throw Forbidden(budget, "DisruptedPods map too big - too many evictions not confirmed by PDB controller");
        }

        if (allowed == 0)
        {
            var failed = status.Arr("conditions").Objects().FirstOrDefault(c => c.Str("type") == "DisruptionAllowed" && c.Str("reason") == "SyncFailed");
            throw TooMany(failed is not null
                ? $"The disruption budget {budget.Name} does not allow evicting pods currently because it failed sync: {failed.Str("message")}"
                : $"The disruption budget {budget.Name} needs {status.Int("desiredHealthy") ?? 0} healthy pods and has {status.Int("currentHealthy") ?? 0} currently");
        }

        if (!dryRun)
        {
            plane.Registry.Change(budget, json => Spend(json, pod.Name, allowed - 1));
        }
    }

    /// <summary>Whether a budget lets a pod go that is not ready anyway.</summary>
    private static bool Spares(StoredObject budget)
    {
        var desired = budget.Status.Int("desiredHealthy") ?? 0;
        return budget.Spec.Str("unhealthyPodEvictionPolicy") == "AlwaysAllow" || (desired > 0 && (budget.Status.Int("currentHealthy") ?? 0) >= desired);
    }

    private void Spend(JsonObject json, string pod, long left)
    {
        var old = json.Child("status");
        var status = new JsonObject { ["observedGeneration"] = old["observedGeneration"]?.DeepClone(), ["disruptedPods"] = old.Obj("disruptedPods")?.Copy() ?? [] };
        status.Child("disruptedPods")[pod] = plane.NowText;
        foreach (var (key, value) in old)
        {
            status.TryAdd(key, value?.DeepClone());
        }

        json["status"] = status;
        status["disruptionsAllowed"] = left;
        if (left == 0)
        {
            Budgets.SetAllowed(json, 0, plane.NowText);
        }
    }

    private static ApiException TooMany(string cause, int retryAfter = 0)
    {
        var details = new JsonObject { ["causes"] = new JsonArray(new JsonObject { ["reason"] = "DisruptionBudget", ["message"] = cause }) };
        if (retryAfter > 0)
        {
            details["retryAfterSeconds"] = (long)retryAfter;
        }

        return Failure.Of(429, "TooManyRequests", Violates, details);
    }

    private static ApiException Forbidden(StoredObject budget, string why) =>
        Failure.Of(403, "Forbidden", $"poddisruptionbudget.policy \"{budget.Name}\" is forbidden: {why}",
            new JsonObject { ["name"] = budget.Name, ["group"] = "policy", ["kind"] = "poddisruptionbudget" });
}
