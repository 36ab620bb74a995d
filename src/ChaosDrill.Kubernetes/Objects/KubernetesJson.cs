using System.Text.Json;
using System.Text.Json.Serialization;

namespace ChaosDrill.Kubernetes;

/// <summary>Reads and writes the typed records; what they do not know is skipped.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    MaxDepth = MaxDepth)]
[JsonSerializable(typeof(Pod))]
[JsonSerializable(typeof(Node))]
[JsonSerializable(typeof(Namespace))]
[JsonSerializable(typeof(Service))]
[JsonSerializable(typeof(EndpointSlice))]
[JsonSerializable(typeof(Deployment))]
[JsonSerializable(typeof(ReplicaSet))]
[JsonSerializable(typeof(StatefulSet))]
[JsonSerializable(typeof(DaemonSet))]
[JsonSerializable(typeof(Job))]
[JsonSerializable(typeof(Event))]
[JsonSerializable(typeof(ConfigMap))]
[JsonSerializable(typeof(Secret))]
[JsonSerializable(typeof(ServiceAccount))]
[JsonSerializable(typeof(Lease))]
[JsonSerializable(typeof(PodDisruptionBudget))]
[JsonSerializable(typeof(PersistentVolumeClaim))]
[JsonSerializable(typeof(Scale))]
[JsonSerializable(typeof(Status))]
[JsonSerializable(typeof(ServerVersion))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(ListMeta))]
[JsonSerializable(typeof(DeleteOptionsBody))]
[JsonSerializable(typeof(EvictionBody))]
[JsonSerializable(typeof(AccessReviewBody))]
[JsonSerializable(typeof(ApiResourceList))]
[JsonSerializable(typeof(JsonPatchOperation[]))]
[JsonSerializable(typeof(ExecCredential))]
internal sealed partial class KubernetesJson : JsonSerializerContext
{
    /// <summary>Deeper than any real object, shallow enough for the stack.</summary>
    public const int MaxDepth = 128;

    public static readonly JsonReaderOptions Reading = new() { MaxDepth = MaxDepth };
}
