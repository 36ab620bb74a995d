using System.Text.Json.Nodes;

namespace ChaosDrill.Actions.Velero;

/// <summary>An object without what no restore can or should bring back, so that a backed-up one and a restored one can be compared.</summary>
internal static class ComparableForm
{
    private static readonly string[] ServerOwned =
    [
        "namespace", "generateName", "selfLink", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds",
        "ownerReferences", "managedFields",
    ];

    private static readonly string[] ControllerOwned =
    [
        "deployment.kubernetes.io/revision", "pv.kubernetes.io/bind-completed", "pv.kubernetes.io/bound-by-controller", "volume.kubernetes.io/storage-provisioner",
        "volume.beta.kubernetes.io/storage-provisioner", "volume.kubernetes.io/selected-node", "volume.kubernetes.io/storage-resizer", "deprecated.daemonset.template.generation", "chaosdrill.dev/undo",
    ];

    /// <summary>The form of an object.</summary>
    /// <param name="item">It; not changed.</param>
    /// <param name="from">The namespace that the backup was taken of.</param>
    /// <param name="to">The namespace that it was restored to.</param>
    public static JsonObject Of(JsonObject item, string from, string to)
    {
        var form = item.DeepClone().AsObject();
        form.Remove("status");
        form.Remove("apiVersion");
        form.Remove("kind");
        if (form["metadata"] is JsonObject metadata)
        {
            Array.ForEach(ServerOwned, field => metadata.Remove(field));
            Drop(metadata, "labels", IsVeleros);
            Drop(metadata, "annotations", key => ControllerOwned.Contains(key) || IsVeleros(key));
            DropValues(metadata, "finalizers", "kubernetes.io/pvc-protection", "kubernetes.io/pv-protection", "snapshot.storage.kubernetes.io/pvc-as-source-protection");
        }

        Kind((string?)item["kind"], form, from, to);
        return form;
    }

    private static bool IsVeleros(string key) => key.StartsWith("velero.io/", StringComparison.Ordinal) || key.Contains(".velero.io/", StringComparison.Ordinal);

    private static void Kind(string? kind, JsonObject form, string from, string to)
    {
        var spec = form["spec"] as JsonObject;
        switch (kind)
        {
            case "Pod" when spec is not null:
                foreach (var field in (string[])["nodeName", "priority", "priorityClassName", "preemptionPolicy", "tolerations", "serviceAccount", "serviceAccountName", "imagePullSecrets"])
                {
                    spec.Remove(field);
                }

                // Velero lets a pod wait for its files by a container of its own.
                if (spec["initContainers"] is JsonArray first)
                {
                    Objects(first).Where(c => (string?)c["name"] == "restore-wait").ToList().ForEach(c => first.Remove(c));
                    if (first.Count == 0)
                    {
                        spec.Remove("initContainers");
                    }
                }

                RemoveTokens(spec);
                break;
            case "Service" when spec is not null:
                foreach (var field in (string[])["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "healthCheckNodePort"])
                {
                    spec.Remove(field);
                }

                foreach (var port in Objects(spec["ports"]))
                {
                    port.Remove("nodePort");
                }

                break;
            case "PersistentVolumeClaim":
                // A snapshot is restored by making it the claim's source; the data mover binds by a selector.
                foreach (var field in (string[])["volumeName", "dataSource", "dataSourceRef"])
                {
                    spec?.Remove(field);
                }

                if (spec?["selector"]?["matchLabels"] is JsonObject selected && selected.Any(l => IsVeleros(l.Key)))
                {
                    spec.Remove("selector");
                }

                break;
            case "ServiceAccount":
                form.Remove("secrets");
                form.Remove("imagePullSecrets");
                break;
            case "Job" when spec is not null:
                spec.Remove("selector");
                spec.Remove("template");
                Drop(form["metadata"]!.AsObject(), "labels", key => key is "controller-uid" or "batch.kubernetes.io/controller-uid");
                break;
            case "RoleBinding":
                foreach (var subject in Objects(form["subjects"]).Where(s => (string?)s["namespace"] == from))
                {
                    subject["namespace"] = to;
                }

                break;
        }
    }

    private static void RemoveTokens(JsonObject spec)
    {
        var tokens = Objects(spec["volumes"]).Select(v => (string?)v["name"]).Where(n => n?.StartsWith("kube-api-access-", StringComparison.Ordinal) == true).ToHashSet();
        foreach (var list in Objects(spec["containers"]).Concat(Objects(spec["initContainers"])).Select(c => c["volumeMounts"]).Append(spec["volumes"]).OfType<JsonArray>().ToList())
        {
            foreach (var token in list.OfType<JsonObject>().Where(v => tokens.Contains((string?)v["name"]) || ((string?)v["name"])?.StartsWith("kube-api-access-", StringComparison.Ordinal) == true).ToList())
            {
                list.Remove(token);
            }

            if (list.Count == 0 && list.Parent is JsonObject parent)
            {
                parent.Remove(parent.First(f => f.Value == list).Key);
            }
        }
    }

    private static void Drop(JsonObject metadata, string field, Func<string, bool> which)
    {
        if (metadata[field] is not JsonObject map)
        {
            return;
        }

        foreach (var key in map.Select(m => m.Key).Where(which).ToList())
        {
            map.Remove(key);
        }

        if (map.Count == 0)
        {
            metadata.Remove(field);
        }
    }

    private static void DropValues(JsonObject metadata, string field, params string[] values)
    {
        if (metadata[field] is not JsonArray list)
        {
            return;
        }

        foreach (var value in list.Where(v => values.Contains((string?)v)).ToList())
        {
            list.Remove(value);
        }

        if (list.Count == 0)
        {
            metadata.Remove(field);
        }
    }

    private static IEnumerable<JsonObject> Objects(JsonNode? array) => (array as JsonArray ?? []).OfType<JsonObject>();
}
