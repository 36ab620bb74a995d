using System.Text.Json.Nodes;
using ChaosDrill.Kubernetes;

namespace ChaosDrill.Acceptance.Virtual;

/// <summary>Every object of a cluster that a fault may touch, as text that can be compared; without what any write changes.</summary>
internal static class ClusterPicture
{
    private static readonly (string Group, string Version, string Plural, string Kind, bool Namespaced)[] Kinds =
    [
        ("", "v1", "nodes", "Node", false), ("", "v1", "namespaces", "Namespace", false), ("", "v1", "configmaps", "ConfigMap", true),
        ("", "v1", "secrets", "Secret", true), ("", "v1", "services", "Service", true), ("apps", "v1", "deployments", "Deployment", true),
        ("apps", "v1", "replicasets", "ReplicaSet", true), ("coordination.k8s.io", "v1", "leases", "Lease", true),
    ];

    public static async Task<IReadOnlyList<string>> TakeAsync(KubernetesClient client)
    {
        var lines = new List<string>();
        foreach (var (group, version, plural, kind, namespaced) in Kinds)
        {
            foreach (var item in (await client.ListAsync(Resources.Any(group, version, plural, kind, namespaced), null)).Items)
            {
                var json = JsonObject.Create(item)!;
                var metadata = json["metadata"]!.AsObject();
                if (kind == "Lease" && (string?)metadata["namespace"] is ("kube-node-lease" or "kube-system"))
                {
                    continue;
                }

                foreach (var field in (string[])["resourceVersion", "managedFields", "generation"])
                {
                    metadata.Remove(field);
                }

                // What was deleted and created again has a new identity, whoever creates it.
                if (kind is "ConfigMap" or "Secret" or "Service")
                {
                    metadata.Remove("uid");
                    metadata.Remove("creationTimestamp");
                }

                // A roll-out that is undone is a new revision of the old template, in kubectl's hands too.
                if (metadata["annotations"] is JsonObject annotations)
                {
                    foreach (var revision in annotations.Select(a => a.Key).Where(k => k.StartsWith("deployment.kubernetes.io/revision", StringComparison.Ordinal)).ToList())
                    {
                        annotations.Remove(revision);
                    }
                }

                json.Remove("status");
                lines.Add($"{kind} {metadata["namespace"]}/{metadata["name"]} {Sorted(json)!.ToJsonString()}");
            }
        }

        foreach (var pods in (await client.ListAsync(Resources.Pods, null)).Items.Where(p => !p.IsTerminating).GroupBy(p => (
            p.Metadata.Namespace, p.Metadata.Controller?.Name, p.IsReady, string.Join(' ', p.Spec.Containers.Select(c => c.Image)),
            string.Join(' ', p.Metadata.Annotations.Keys.Where(k => k.StartsWith("chaosdrill.dev/", StringComparison.Ordinal))))))
        {
            lines.Add($"{pods.Count()} pods of {pods.Key}");
        }

        return [.. lines.Order(StringComparer.Ordinal)];
    }

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => KeyValuePair.Create(m.Key, Sorted(m.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Sorted)]),
        _ => node?.DeepClone(),
    };
}
