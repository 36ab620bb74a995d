using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Controllers;

/// <summary>What a pod asks of its node: the sum of its containers, or the largest of its init containers where that is more.</summary>
internal readonly record struct PodRequests(decimal Cpu, decimal Memory)
{
    public static PodRequests Of(StoredObject pod)
    {
        var containers = pod.Spec.Arr("containers").Objects().Select(One).Aggregate(default(PodRequests), (sum, one) => sum + one);
        return pod.Spec.Arr("initContainers").Objects().Select(One).Aggregate(containers, (most, one) => new(Math.Max(most.Cpu, one.Cpu), Math.Max(most.Memory, one.Memory)));
    }

    public static PodRequests operator +(PodRequests left, PodRequests right) => new(left.Cpu + right.Cpu, left.Memory + right.Memory);

    public static PodRequests operator -(PodRequests left, PodRequests right) => new(left.Cpu - right.Cpu, left.Memory - right.Memory);

    private static PodRequests One(JsonObject container)
    {
        var requests = container.Obj("resources").Obj("requests");
        return new(Quantity.Parse(requests?["cpu"]) ?? 0, Quantity.Parse(requests?["memory"]) ?? 0);
    }
}
