using System.Text.Json.Nodes;
using ChaosDrill.Kubernetes;
using ChaosDrill.Twin;

namespace ChaosDrill.Acceptance.Virtual;

/// <summary>Every object of a cluster that a fault may touch, as text that can be compared; without what any write changes.</summary>
internal static class ClusterPicture
{
    private static readonly (string Group, string Version, string Plural, string Kind, bool Namespaced)[] Kinds =
    [
        ("", "v1", "nodes", "Node", false), ("", "v1", "namespaces", "Namespace", false), ("", "v1", "configmaps", "ConfigMap", true),
        ("", "v1", "secrets", "Secret", true), ("", "v1", "services", "Service", true), ("apps", "v1", "deployments", "Deployment", true),
        ("", "v1", "resourcequotas", "ResourceQuota", true), ("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", true), ("apps", "v1", "replicasets", "ReplicaSet", true), ("coordination.k8s.io", "v1", "leases", "Lease", true),
    ];

    private static readonly Resource<System.Text.Json.JsonElement> Backups = Resources.Any("velero.io", "v1", "backups", "Backup", namespaced: true);

    private static readonly Resource<System.Text.Json.JsonElement> Volumes = Resources.Any("", "v1", "persistentvolumes", "PersistentVolume", namespaced: false);

    /// <summary>Takes it.</summary>
    /// <param name="client">Asks.</param>
    /// <param name="anew">Whether a namespace was lost and made again: then everything has a new identity and Velero's labels, and only the rest can be the same.</param>
    public static async Task<IReadOnlyList<string>> TakeAsync(KubernetesClient client, bool anew = false)
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
                if (anew || kind is "ConfigMap" or "Secret" or "Service")
                {
                    metadata.Remove("uid");
                    metadata.Remove("creationTimestamp");
                }

                if (anew)
                {
                    ForgetRestore(json, metadata);
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

        // What is on the disks: a restore without an error may well have left it out.
        lines.AddRange((await client.ListAsync(Volumes, null)).Items.Select(v => JsonObject.Create(v)!).Select(v =>
            $"volume of {v["spec"]!["claimRef"]?["namespace"]}/{v["spec"]!["claimRef"]?["name"]}: {v["metadata"]!["annotations"]?[TwinAnnotations.VolumeData]}"));
        lines.AddRange((await MarksAsync(client)).Select(b => $"marked backup {b}"));
        return [.. lines.Order(StringComparer.Ordinal)];
    }

    /// <summary>Backups that still say that something is to be restored from them.</summary>
    private static async Task<IEnumerable<string>> MarksAsync(KubernetesClient client)
    {
        try
        {
            return (await client.ListAsync(Backups, null)).Items.Select(b => JsonObject.Create(b)!["metadata"]!).Where(m => m["annotations"]?["chaosdrill.dev/undo"] is not null).Select(m => $"{m["name"]}");
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return [];
        }
    }

    private static void ForgetRestore(JsonObject json, JsonObject metadata)
    {
        if (metadata["labels"] is JsonObject labels)
        {
            labels.Remove("velero.io/backup-name");
            labels.Remove("velero.io/restore-name");
            if (labels.Count == 0)
            {
                metadata.Remove("labels");
            }
        }

        foreach (var owner in metadata["ownerReferences"] as JsonArray ?? [])
        {
            owner!.AsObject().Remove("uid");
        }

        foreach (var address in (string[])["clusterIP", "clusterIPs"])
        {
            (json["spec"] as JsonObject)?.Remove(address);
        }
    }

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => KeyValuePair.Create(m.Key, Sorted(m.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Sorted)]),
        _ => node?.DeepClone(),
    };
}
