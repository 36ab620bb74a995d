using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin;

/// <summary>Reading and setting the conditions of a pod.</summary>
internal static class PodConditions
{
    private static readonly string[] Order = ["DisruptionTarget", "PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"];

    public static JsonObject? Find(StoredObject pod, string type) => pod.Status.Arr("conditions").Objects().FirstOrDefault(c => c.Str("type") == type);

    public static bool IsReady(StoredObject pod) => Find(pod, "Ready").Str("status") == "True";

    /// <summary>Not finished, though it may be going.</summary>
    public static bool IsAlive(StoredObject pod) => pod.Status.Str("phase") is not ("Succeeded" or "Failed");

    /// <summary>Neither finished nor going.</summary>
    public static bool IsActive(StoredObject pod) => !pod.IsDeleting && pod.Status.Str("phase") is not ("Succeeded" or "Failed");

    /// <summary>Ready for at least <paramref name="minReadySeconds"/>; otherwise says how long that still takes.</summary>
    public static bool IsAvailable(StoredObject pod, long minReadySeconds, DateTimeOffset now, out TimeSpan? wait)
    {
        wait = null;
        var ready = Find(pod, "Ready");
        if (ready.Str("status") != "True")
        {
            return false;
        }

        if (minReadySeconds == 0)
        {
            return true;
        }

        var left = (Timestamps.Parse(ready.Str("lastTransitionTime")) ?? now) + TimeSpan.FromSeconds(minReadySeconds) - now;
        if (left <= TimeSpan.Zero)
        {
            return true;
        }

        wait = left;
        return false;
    }

    /// <summary>Sets a condition; its transition time moves only when the status does.</summary>
    public static void Set(JsonObject pod, string type, string status, string now, string? reason = null, string? message = null)
    {
        var list = pod.Child("status")["conditions"] as JsonArray;
        if (list is null)
        {
            pod.Child("status")["conditions"] = list = [];
        }

        var condition = list.Objects().FirstOrDefault(c => c.Str("type") == type);
        var changed = condition is null || condition.Str("status") != status;
        if (condition is null)
        {
            condition = new JsonObject { ["type"] = type };
            var rank = Array.IndexOf(Order, type);
            var at = 0;
            while (at < list.Count && Array.IndexOf(Order, (list[at] as JsonObject).Str("type")) < rank)
            {
                at++;
            }

            list.Insert(at, condition);
        }

        condition["observedGeneration"] = pod.Meta().Int("generation") ?? 1;
        condition["status"] = status;
        condition["lastProbeTime"] = null;
        if (changed)
        {
            condition["lastTransitionTime"] = now;
        }

        SetOrRemove(condition, "reason", reason);
        SetOrRemove(condition, "message", message);
    }

    private static void SetOrRemove(JsonObject json, string key, string? value)
    {
        json.Remove(key);
        if (value is not null)
        {
            json[key] = value;
        }
    }
}
