using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Controllers;

/// <summary>Deletes what has lost its owners, and carries out foreground and orphaning deletions.</summary>
internal sealed class GarbageCollector(ControlPlane plane) : Controller(plane)
{
    public override void Notice(StoreChange change)
    {
        var stored = change.Object;
        if (change.Kind == ChangeKind.Deleted)
        {
            foreach (var dependent in Store.OwnedBy(stored.Uid))
            {
                Enqueue(dependent.Key);
            }

            foreach (var owner in OwnersOf(stored))
            {
                if (owner is { IsDeleting: true })
                {
                    Enqueue(owner.Key);
                }
            }

            return;
        }

        if (stored.IsDeleting && stored.Metadata.Arr("finalizers") is { Count: > 0 })
        {
            Enqueue(stored.Key);
        }
        else if (change.Kind == ChangeKind.Added && stored.Metadata.ContainsKey("ownerReferences") && OwnersOf(stored).Any(o => o is null or { IsDeleting: true }))
        {
            Enqueue(stored.Key);
        }
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (Store.Find(key) is not { } stored)
        {
            return;
        }

        if (stored.IsDeleting)
        {
            Finish(stored);
            return;
        }

        var owners = OwnersOf(stored);
        if (owners.Count == 0)
        {
            return;
        }

        if (owners.TrueForAll(o => o is null))
        {
            Registry.Delete(stored, new JsonObject { ["propagationPolicy"] = "Background" });
        }
        else if (owners.TrueForAll(o => o is null || IsWaiting(o)))
        {
            // The owner waits for this one; those that this one owns must go first in turn.
            var below = Store.OwnedBy(stored.Uid).Count > 0;
            Registry.Delete(stored, new JsonObject { ["propagationPolicy"] = below ? "Foreground" : "Background" });
        }
    }

    private void Finish(StoredObject owner)
    {
        var finalizers = owner.Metadata.Arr("finalizers").Strings().ToList();
        if (finalizers.Contains("orphan"))
        {
            foreach (var dependent in Store.OwnedBy(owner.Uid))
            {
                Registry.Change(dependent, json =>
                {
                    var left = json.Meta().Arr("ownerReferences").Objects().Where(r => r.Str("uid") != owner.Uid).Select(r => r.DeepClone()).ToArray();
                    json.Meta().Remove("ownerReferences");
                    if (left.Length > 0)
                    {
                        json.Meta()["ownerReferences"] = new JsonArray(left);
                    }
                });
            }

            RemoveFinalizer(owner, "orphan");
        }
        else if (finalizers.Contains("foregroundDeletion"))
        {
            var blocking = Store.OwnedBy(owner.Uid).FindAll(d => Blocks(d, owner));
            if (blocking.Count == 0)
            {
                RemoveFinalizer(owner, "foregroundDeletion");
                return;
            }

            foreach (var dependent in blocking.Where(d => !d.IsDeleting))
            {
                Enqueue(dependent.Key);
            }
        }
    }

    private void RemoveFinalizer(StoredObject stored, string finalizer) => Registry.Change(stored, json =>
    {
        var left = json.Meta().Arr("finalizers").Strings().Where(f => f != finalizer).Select(f => (JsonNode)f!).ToArray();
        json.Meta().Remove("finalizers");
        if (left.Length > 0)
        {
            json.Meta()["finalizers"] = new JsonArray(left);
        }
    });

    private static bool IsWaiting(StoredObject owner) => owner.IsDeleting && owner.Metadata.Arr("finalizers").Strings().Contains("foregroundDeletion");

    private static bool Blocks(StoredObject dependent, StoredObject owner) =>
        dependent.Metadata.Arr("ownerReferences").Objects().Any(r => r.Str("uid") == owner.Uid && r.Bool("blockOwnerDeletion") == true);

    private List<StoredObject?> OwnersOf(StoredObject stored) =>
        [.. stored.Metadata.Arr("ownerReferences").Objects().Select(r => Store.FindByUid(r.Str("uid") ?? ""))];
}
