using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Controllers;

/// <summary>From a service's port to the container's.</summary>
internal static class ServicePorts
{
    public static long Target(JsonObject servicePort, StoredObject pod)
    {
        if (servicePort["targetPort"].AsInt() is { } number)
        {
            return number;
        }

        var name = servicePort.Str("targetPort");
        return pod.Spec.Arr("containers").Objects().SelectMany(c => c.Arr("ports").Objects()).FirstOrDefault(p => p.Str("name") == name).Int("containerPort")
            ?? servicePort.Int("port") ?? 0;
    }
}
