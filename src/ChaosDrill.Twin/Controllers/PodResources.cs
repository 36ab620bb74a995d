using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;

namespace ChaosDrill.Twin.Controllers;

/// <summary>What the kubelet reports as given to a whole pod: the sum over its containers.</summary>
internal static class PodResources
{
    /// <summary>Writes them into the pod's status; nothing where no container names any.</summary>
    public static void Report(JsonObject pod)
    {
        var resources = new JsonObject();
        foreach (var kind in (string[])["limits", "requests"])
        {
            if (Sum(pod, kind) is { Count: > 0 } sum)
            {
                resources[kind] = sum;
            }
        }

        if (resources.Count > 0)
        {
            var status = pod.Child("status");
            status["allocatedResources"] = (resources.Obj("requests") ?? []).DeepClone();
            status["resources"] = resources;
        }
    }

    private static JsonObject Sum(JsonObject pod, string kind)
    {
        var sum = new JsonObject();
        foreach (var (resource, amount) in pod.Obj("spec").Arr("containers").Objects().SelectMany(c => c.Obj("resources").Obj(kind) ?? []))
        {
            // One amount stays as it was written.
            sum[resource] = sum[resource] is { } before ? Quantity.Format(resource, (Quantity.Parse(before) ?? 0) + (Quantity.Parse(amount) ?? 0)) : amount?.DeepClone();
        }

        return sum;
    }
}
