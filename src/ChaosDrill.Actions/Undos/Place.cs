using System.Text.Json;
using System.Text.Json.Nodes;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Plans;

namespace ChaosDrill.Actions.Undos;

/// <summary>One object of the cluster: of what kind, where, and which (by uid).</summary>
internal sealed record Place(Resource<JsonElement> Resource, string? Namespace, string Name, string Uid)
{
    /// <summary>As plans and people name it.</summary>
    public Target Target => new(Resource.Kind, Namespace, Name, Uid);

    public static Resource<JsonElement> Nodes { get; } = Resources.Any("", "v1", "nodes", "Node", namespaced: false);

    public static Resource<JsonElement> Namespaces { get; } = Resources.Any("", "v1", "namespaces", "Namespace", namespaced: false);

    public static Resource<JsonElement> Pods { get; } = Resources.Any("", "v1", "pods", "Pod", namespaced: true);

    public static Resource<JsonElement> ResourceQuotas { get; } = Resources.Any("", "v1", "resourcequotas", "ResourceQuota", namespaced: true);

    public static Resource<JsonElement> NetworkPolicies { get; } = Resources.Any("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", namespaced: true);

    public static Resource<JsonElement> Deployments { get; } = Resources.Any("apps", "v1", "deployments", "Deployment", namespaced: true);

    public static Resource<JsonElement> StatefulSets { get; } = Resources.Any("apps", "v1", "statefulsets", "StatefulSet", namespaced: true);

    public static Resource<JsonElement> ReplicaSets { get; } = Resources.Any("apps", "v1", "replicasets", "ReplicaSet", namespaced: true);

    public static Place FromJson(JsonObject json) => new(
        Resources.Any((string)json["group"]!, (string)json["version"]!, (string)json["plural"]!, (string)json["kind"]!, (string?)json["namespace"] is not null),
        (string?)json["namespace"], (string)json["name"]!, (string)json["uid"]!);

    public JsonObject ToJson() => new()
    {
        ["group"] = Resource.Group,
        ["version"] = Resource.Version,
        ["plural"] = Resource.Plural,
        ["kind"] = Resource.Kind,
        ["namespace"] = Namespace,
        ["name"] = Name,
        ["uid"] = Uid,
    };

    /// <summary>Reads the object; null when there is none.</summary>
    public async Task<JsonObject?> FindAsync(KubernetesClient client, CancellationToken cancellationToken)
    {
        var found = await client.FindAsync(Resource, Namespace, Name, cancellationToken);
        return found.ValueKind == JsonValueKind.Object ? JsonObject.Create(found) : null;
    }

    public override string ToString() => Target.ToString();
}
