using System.Globalization;
using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;

namespace ChaosDrill.Twin.Storage;

/// <summary>All objects, one counter of versions, and the recent history of each kind.</summary>
/// <remarks>Used inside the loop only. Subscribers of <see cref="Changed"/> must not write; they note and come back.</remarks>
internal sealed class ObjectStore(int historyLimit)
{
    private readonly Dictionary<ResourceType, ResourceShelf> shelves = [];
    private readonly Dictionary<string, ObjectKey> byUid = new(StringComparer.Ordinal);
    private readonly SecondaryIndex owners = new(OwnerUids);
    private readonly SecondaryIndex nodes = new(o => o.Type == BuiltInTypes.Pods && o.Spec.Str("nodeName") is { } node ? [node] : []);
    private readonly SecondaryIndex podLabels = new(PodLabels);

    private bool reloading;

    public event Action<StoreChange>? Changed;

    /// <summary>Where every write goes first; null when memory is all there is.</summary>
    public EtcdBacking? Backing { get; init; }

    /// <summary>Told when a write could not go there; nothing has changed then.</summary>
    public event Action? BackingLost;

    /// <summary>The version of the last write.</summary>
    public long Version { get; private set; } = 1;

    public ResourceShelf Shelf(ResourceType type)
    {
        if (!shelves.TryGetValue(type, out var shelf))
        {
            shelves[type] = shelf = new ResourceShelf(historyLimit);
        }

        return shelf;
    }

    public StoredObject? Find(ResourceType type, string ns, string name) => Shelf(type).Find(ns, name);

    public StoredObject? Find(ObjectKey key) => Find(key.Type, key.Namespace, key.Name);

    public StoredObject? FindByUid(string uid) => byUid.TryGetValue(uid, out var key) && Find(key) is { } found && found.Uid == uid ? found : null;

    /// <summary>In order of namespace and name; a null namespace means all.</summary>
    public IEnumerable<StoredObject> List(ResourceType type, string? ns = null) => Shelf(type).List(ns);

    /// <summary>Everything that names this uid as an owner.</summary>
    public List<StoredObject> OwnedBy(string uid, ResourceType? type = null) => Resolve(owners[uid], type);

    public List<StoredObject> PodsOn(string node) => Resolve(nodes[node]);

    public int CountPodsOn(string node) => nodes.Count(node);

    /// <summary>Pods of a namespace that carry all these labels.</summary>
    public List<StoredObject> PodsWith(string ns, JsonObject labels)
    {
        string? best = null;
        foreach (var (label, value) in labels)
        {
            var key = LabelKey(ns, label, value.AsStr() ?? "");
            best = best is null || podLabels.Count(key) < podLabels.Count(best) ? key : best;
        }

        return best is null ? [.. List(BuiltInTypes.Pods, ns)]
            : Resolve(podLabels[best]).FindAll(pod => labels.All(l => pod.Labels.Str(l.Key) == l.Value.AsStr()));
    }

    public StoredObject Add(ResourceType type, JsonObject json) => Write(ChangeKind.Added, type, json, null);

    public StoredObject Replace(StoredObject current, JsonObject json) => Write(ChangeKind.Modified, current.Type, json, current);

    public StoredObject Remove(StoredObject current) => Write(ChangeKind.Deleted, current.Type, current.Json.Copy(), current);

    /// <summary>Takes over what the backing holds, as an API server does that starts: what it lacks is gone, what it has is there again.</summary>
    /// <exception cref="EtcdLostException">It does not answer.</exception>
    public void Reload()
    {
        if (Backing?.ReadAll() is not { } held)
        {
            return;
        }

        reloading = true;
        try
        {
            var keys = held.ToDictionary(h => new StoredObject(h.Type, h.Json, 0).Key, h => h);
            foreach (var lost in shelves.Keys.ToList().SelectMany(type => List(type).ToList()).Where(o => !keys.TryGetValue(o.Key, out var kept) || kept.Json.Meta().Str("uid") != o.Uid))
            {
                Remove(lost);
            }

            foreach (var (key, (type, json)) in keys)
            {
                if (Find(key) is not { } current)
                {
                    Add(type, json);
                }
                else if (!SameBut(current.Json, json))
                {
                    Replace(current, json);
                }
            }
        }
        finally
        {
            reloading = false;
        }
    }

    /// <summary>Forgets all history, as a compaction does.</summary>
    public void Compact()
    {
        foreach (var shelf in shelves.Values)
        {
            shelf.Compact(Version);
        }
    }

    private StoredObject Write(ChangeKind kind, ResourceType type, JsonObject json, StoredObject? previous)
    {
        json.Meta()["resourceVersion"] = (Version + 1).ToString(CultureInfo.InvariantCulture);
        WriteThrough(kind, type, json);
        Version++;
        var stored = new StoredObject(type, json, Version);
        var kept = kind == ChangeKind.Deleted ? null : stored;
        var shelf = Shelf(type);
        shelf.Put(stored, kept is not null);
        byUid.Remove(previous?.Uid ?? "");
        if (kept is not null && kept.Uid.Length > 0)
        {
            byUid[kept.Uid] = kept.Key;
        }

        owners.Replace(previous, kept);
        if (type == BuiltInTypes.Pods)
        {
            nodes.Replace(previous, kept);
            podLabels.Replace(previous, kept);
        }

        var change = new StoreChange(kind, stored, previous);
        shelf.Record(change);
        Changed?.Invoke(change);
        if (type == BuiltInTypes.Events)
        {
            stored.Fade();
        }

        return stored;
    }

    private void WriteThrough(ChangeKind kind, ResourceType type, JsonObject json)
    {
        if (Backing is null || reloading)
        {
            return;
        }

        try
        {
            if (kind == ChangeKind.Deleted)
            {
                Backing.Delete(type, json);
            }
            else
            {
                Backing.Put(type, json);
            }
        }
        catch (EtcdLostException)
        {
            BackingLost?.Invoke();
            throw;
        }
    }

    private static bool SameBut(JsonObject a, JsonObject b)
    {
        var (left, right) = (a.Copy(), b.Copy());
        left.Meta().Remove("resourceVersion");
        right.Meta().Remove("resourceVersion");
        return JsonNode.DeepEquals(left, right);
    }

    private List<StoredObject> Resolve(IReadOnlyCollection<ObjectKey> keys, ResourceType? type = null)
    {
        var found = new List<StoredObject>(keys.Count);
        foreach (var key in keys)
        {
            if ((type is null || key.Type == type) && Find(key) is { } stored)
            {
                found.Add(stored);
            }
        }

        return found;
    }

    private static IEnumerable<string> OwnerUids(StoredObject o) =>
        o.Metadata.Arr("ownerReferences").Objects().Select(r => r.Str("uid")).OfType<string>();

    private static IEnumerable<string> PodLabels(StoredObject o) =>
        o.Labels is { } labels ? labels.Select(l => LabelKey(o.Namespace, l.Key, l.Value.AsStr() ?? "")) : [];

    private static string LabelKey(string ns, string label, string value) => $"{ns}/{label}={value}";
}
