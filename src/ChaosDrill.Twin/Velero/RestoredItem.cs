using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;

namespace ChaosDrill.Twin.Velero;

/// <summary>What Velero makes of a backed-up object before it creates it again: what it strips, clears and maps.</summary>
internal static class RestoredItem
{
    /// <summary>The order in which kinds are restored; all others follow in the alphabet's order.</summary>
    private static readonly string[] First =
    [
        "customresourcedefinitions.apiextensions.k8s.io", "namespaces", "storageclasses.storage.k8s.io", "persistentvolumes", "persistentvolumeclaims",
        "clusterroles.rbac.authorization.k8s.io", "roles.rbac.authorization.k8s.io", "serviceaccounts", "clusterrolebindings.rbac.authorization.k8s.io",
        "rolebindings.rbac.authorization.k8s.io", "secrets", "configmaps", "limitranges", "priorityclasses.scheduling.k8s.io", "pods", "replicasets.apps", "endpoints", "services",
    ];

    /// <summary>Kinds that are never restored.</summary>
    public static readonly string[] NonRestorable =
    [
        "nodes", "events", "events.events.k8s.io", "backups.velero.io", "restores.velero.io", "resticrepositories.velero.io",
        "csinodes.storage.k8s.io", "volumeattachments.storage.k8s.io", "backuprepositories.velero.io",
    ];

    private static readonly string[] ServerOwned =
        ["generateName", "selfLink", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "ownerReferences", "managedFields"];

    public static IEnumerable<BackedUpItem> InOrder(IEnumerable<BackedUpItem> items) => items
        .OrderBy(i => Array.IndexOf(First, i.Type.QualifiedPlural) is >= 0 and var at ? at : First.Length)
        .ThenBy(i => i.Type.QualifiedPlural, StringComparer.Ordinal);

    /// <summary>As it would be created, without the labels that say where it came from.</summary>
    public static JsonObject Prepare(BackedUpItem item, string ns, IReadOnlyDictionary<string, string> mapping, bool keepNodePorts)
    {
        var json = item.Json.Copy();
        var metadata = json.Meta();
        Array.ForEach(ServerOwned, field => metadata.Remove(field));
        json.Remove("status");
        if (item.Namespace.Length > 0)
        {
            metadata["namespace"] = ns;
        }

        switch (item.Type.Kind)
        {
            case "Pod":
                Pod(json.Child("spec"));
                break;
            case "Service":
                Service(json, keepNodePorts);
                break;
            case "Job":
                Job(json);
                break;
            case "PersistentVolumeClaim":
                json.Child("spec").Remove("volumeName");
                foreach (var bound in (string[])["pv.kubernetes.io/bind-completed", "pv.kubernetes.io/bound-by-controller", "volume.kubernetes.io/storage-provisioner", "volume.kubernetes.io/selected-node"])
                {
                    metadata.Obj("annotations")?.Remove(bound);
                }

                break;
            case "RoleBinding":
                foreach (var subject in json.Arr("subjects").Objects())
                {
                    if (subject.Str("namespace") is { } home && mapping.TryGetValue(home, out var mapped))
                    {
                        subject["namespace"] = mapped;
                    }
                }

                break;
        }

        return json;
    }

    /// <summary>Why an object is passed over; null when it is restored.</summary>
    public static string? Skip(BackedUpItem item) => item.Type.Kind switch
    {
        "Pod" when item.Json.Obj("status").Str("phase") is "Succeeded" or "Failed" => "the pod has ended",
        "Pod" when item.Json.Obj("metadata").Obj("annotations")?.ContainsKey("kubernetes.io/config.mirror") == true => "a mirror pod",

        // A failed job has no completion time, so it is restored, and runs again.
        "Job" when item.Json.Obj("status").Str("completionTime") is not null => "the job is complete",
        "Secret" when item.Json.Str("type") == "kubernetes.io/service-account-token" => "a token of a service account",
        _ => null,
    };

    /// <summary>A name as a label's value: cut and hashed when it is too long.</summary>
    public static string LabelValue(string name) => name.Length <= 63 ? name
        : name[..57] + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..6];

    private static void Pod(JsonObject spec)
    {
        spec.Remove("nodeName");
        spec.Remove("priority");
        var tokens = spec.Arr("volumes").Objects().Select(v => v.Str("name") ?? "").Where(n => n.StartsWith("kube-api-access-", StringComparison.Ordinal)).ToHashSet();
        RemoveWhere(spec.Arr("volumes"), v => tokens.Contains(v.Str("name") ?? ""));
        foreach (var container in spec.Arr("containers").Objects().Concat(spec.Arr("initContainers").Objects()))
        {
            RemoveWhere(container.Arr("volumeMounts"), m => tokens.Contains(m.Str("name") ?? ""));
        }
    }

    private static void Service(JsonObject json, bool keepNodePorts)
    {
        var spec = json.Child("spec");
        if (spec.Str("clusterIP") != "None")
        {
            spec.Remove("clusterIP");
            spec.Remove("clusterIPs");
        }

        if (!keepNodePorts)
        {
            spec.Remove("healthCheckNodePort");
            foreach (var port in spec.Arr("ports").Objects())
            {
                port.Remove("nodePort");
            }
        }
    }

    private static void Job(JsonObject json)
    {
        foreach (var own in (string[])["controller-uid", "batch.kubernetes.io/controller-uid"])
        {
            json.Meta().Obj("labels")?.Remove(own);
            json.Child("spec").Obj("selector").Obj("matchLabels")?.Remove(own);
            json.Child("spec").Obj("template").Obj("metadata").Obj("labels")?.Remove(own);
        }
    }

    private static void RemoveWhere(JsonArray? array, Func<JsonObject, bool> condition)
    {
        foreach (var item in array.Objects().Where(condition).ToList())
        {
            array!.Remove(item);
        }
    }
}
