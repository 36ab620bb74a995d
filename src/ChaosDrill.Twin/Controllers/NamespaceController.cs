using System.Text.Json.Nodes;
using ChaosDrill.Twin.Api;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Controllers;

/// <summary>Furnishes new namespaces, and empties those that are being deleted.</summary>
internal sealed class NamespaceController(ControlPlane plane) : Controller(plane)
{
    private static readonly TimeSpan Requeue = TimeSpan.FromSeconds(1);

    private readonly HashSet<string> emptying = [];

    public override void Notice(StoreChange change)
    {
        var stored = change.Object;
        if (stored.Type != BuiltInTypes.Namespaces || change.Kind == ChangeKind.Deleted)
        {
            return;
        }

        if (!stored.IsDeleting)
        {
            Enqueue(stored.Key);
        }
        else if (emptying.Add(stored.Uid))
        {
            EnqueueAfter(stored.Key, Plane.Options.NamespaceDeletionDelay);
        }
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (Store.Find(key) is not { } ns)
        {
            return;
        }

        if (ns.IsDeleting)
        {
            Empty(ns);
        }
        else
        {
            Furnish(ns.Name);
        }
    }

    private void Furnish(string ns)
    {
        CreateMissing(BuiltInTypes.ConfigMaps, ns, "kube-root-ca.crt", json =>
        {
            json.Meta()["annotations"] = new JsonObject
            {
                ["kubernetes.io/description"] = "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.",
            };
            json["data"] = new JsonObject { ["ca.crt"] = Plane.AuthorityPem };
        });
        CreateMissing(BuiltInTypes.ServiceAccounts, ns, "default", _ => { });
    }

    private void CreateMissing(ResourceType type, string ns, string name, Action<JsonObject> fill)
    {
        if (Store.Find(type, ns, name) is null)
        {
            var json = new JsonObject { ["metadata"] = new JsonObject { ["name"] = name } };
            fill(json);
            Registry.Create(type, ns, json);
        }
    }

    private void Empty(StoredObject ns)
    {
        if (RemovePods(ns))
        {
            return;
        }

        var remaining = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var finalizers = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var type in Plane.Catalog.Types.Where(t => t is { Namespaced: true, Virtual: false }))
        {
            foreach (var stored in Store.List(type, ns.Name).ToList())
            {
                if (Store.Find(stored.Key) is { } current && !Registry.Delete(current, new JsonObject { ["propagationPolicy"] = "Background" }).Gone)
                {
                    remaining[$"{type.Plural}.{type.Group}"] = remaining.GetValueOrDefault($"{type.Plural}.{type.Group}") + 1;
                    foreach (var finalizer in current.Metadata.Arr("finalizers").Strings())
                    {
                        finalizers[finalizer] = finalizers.GetValueOrDefault(finalizer) + 1;
                    }
                }
            }
        }

        var state = Registry.Change(Store.Find(ns.Key) ?? ns, json => SetConditions(json, null, remaining, finalizers));
        if (remaining.Count > 0)
        {
            EnqueueAfter(ns.Key, Requeue);
            return;
        }

        emptying.Remove(ns.Uid);
        Registry.Change(state, json => json.Child("spec").Remove("finalizers"));
    }

    /// <summary>Pods go first; nothing else is touched until the last is gone. True while some remain.</summary>
    private bool RemovePods(StoredObject ns)
    {
        var left = new List<StoredObject>();
        foreach (var pod in Store.List(BuiltInTypes.Pods, ns.Name).ToList())
        {
            if (Registry.Delete(pod, new JsonObject { ["propagationPolicy"] = "Background" }) is { Gone: false })
            {
                left.Add(pod);
            }
        }

        if (left.Count == 0)
        {
            return false;
        }

        // Looks again when half of the time is over that the pods may take; a namespace that is older than that calls it a failure.
        var grace = TimeSpan.FromSeconds(left.Max(p => p.Spec.Int("terminationGracePeriodSeconds") ?? 0));
        var estimate = grace - (Plane.Now - (Timestamps.Parse(ns.Metadata.Str("deletionTimestamp")) ?? Plane.Now));
        var failure = estimate > TimeSpan.Zero ? null : $"Failed to delete all resource types, 1 remaining: unexpected items still remain in namespace: {ns.Name} for gvr: /v1, Resource=pods";
        Registry.Change(Store.Find(ns.Key) ?? ns, json => SetConditions(json, failure, [], []));
        EnqueueAfter(ns.Key, failure is null ? (estimate / 2) + Requeue : Requeue);
        return true;
    }

    private void SetConditions(JsonObject json, string? failure, SortedDictionary<string, int> remaining, SortedDictionary<string, int> finalizers)
    {
        var old = json.Child("status").Arr("conditions");
        json.Child("status")["conditions"] = new JsonArray(
            Condition("NamespaceDeletionDiscoveryFailure", false, "ResourcesDiscovered", "All resources successfully discovered"),
            Condition("NamespaceDeletionGroupVersionParsingFailure", false, "ParsedGroupVersions", "All legacy kube types successfully parsed"),
            failure is null
                ? Condition("NamespaceDeletionContentFailure", false, "ContentDeleted", "All content successfully deleted, may be waiting on finalization")
                : Condition("NamespaceDeletionContentFailure", true, "ContentDeletionFailed", failure),
            remaining.Count == 0
                ? Condition("NamespaceContentRemaining", false, "ContentRemoved", "All content successfully removed")
                : Condition("NamespaceContentRemaining", true, "SomeResourcesRemain", $"Some resources are remaining: {string.Join(", ", remaining.Select(r => $"{r.Key} has {r.Value} resource instances"))}"),
            finalizers.Count == 0
                ? Condition("NamespaceFinalizersRemaining", false, "ContentHasNoFinalizers", "All content-preserving finalizers finished")
                : Condition("NamespaceFinalizersRemaining", true, "SomeFinalizersRemain", $"Some content in the namespace has finalizers remaining: {string.Join(", ", finalizers.Select(f => $"{f.Key} in {f.Value} resource instances"))}"));

        JsonObject Condition(string type, bool on, string reason, string message)
        {
            var status = on ? "True" : "False";
            var before = old.Objects().FirstOrDefault(c => c.Str("type") == type);
            var since = before.Str("status") == status ? before.Str("lastTransitionTime") : Plane.NowText;
            return new JsonObject { ["type"] = type, ["status"] = status, ["lastTransitionTime"] = since, ["reason"] = reason, ["message"] = message };
        }
    }
}
