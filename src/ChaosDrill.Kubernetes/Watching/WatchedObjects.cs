using System.Globalization;
using System.Text.Json;

namespace ChaosDrill.Kubernetes;

/// <summary>What tells one object, and one version of it, from another.</summary>
internal readonly record struct ObjectIdentity(string Key, string Uid, string Version)
{
    public static ObjectIdentity Of<T>(T item)
    {
        if (item is IKubernetesObject { Metadata: var meta })
        {
            return new($"{meta.Namespace}/{meta.Name}", meta.Uid ?? "", meta.ResourceVersion ?? "");
        }

        if (item is JsonElement { ValueKind: JsonValueKind.Object } json
            && json.TryGetProperty("metadata", out var metadata) && metadata.ValueKind == JsonValueKind.Object)
        {
            return new($"{Text(metadata, "namespace")}/{Text(metadata, "name")}", Text(metadata, "uid"), Text(metadata, "resourceVersion"));
        }

        return new("/", "", "");

        static string Text(JsonElement parent, string name) =>
            parent.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String ? member.GetString()! : "";
    }

    /// <summary>Compares versions; null where they are not numbers.</summary>
    public static int? Compare(string? left, string? right) =>
        ulong.TryParse(left, NumberStyles.None, CultureInfo.InvariantCulture, out var l)
        && ulong.TryParse(right, NumberStyles.None, CultureInfo.InvariantCulture, out var r)
            ? l.CompareTo(r)
            : null;
}

/// <summary>The state a watch has reported, against which each arrival is judged: new, changed, gone, or seen before.</summary>
/// <remarks>
/// Versions of one kind grow with each change (apimachinery calls them comparable since 1.35, and they always were numbers
/// of etcd revisions); where they are no numbers, only an exact repetition is recognised.
/// </remarks>
internal sealed class WatchedObjects<T>
{
    private const int RememberedDeletions = 4096;

    private readonly Dictionary<string, (ObjectIdentity Identity, T Item)> known = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> deletions = new(StringComparer.Ordinal);
    private readonly Queue<string> oldestDeletions = new();
    private string? listedAt;

    /// <summary>Takes in a change of the stream.</summary>
    public void Take(string type, T item, List<WatchEvent<T>> events, long receivedAt)
    {
        var identity = ObjectIdentity.Of(item);
        var isKnown = known.TryGetValue(identity.Key, out var before);
        if (type == "DELETED")
        {
            // Gone already, or a namesake, or an old deletion sent again.
            if (!isKnown || before.Identity.Uid != identity.Uid || ObjectIdentity.Compare(identity.Version, before.Identity.Version) < 0)
            {
                return;
            }

            Forget(identity);
            events.Add(Event(WatchEventType.Deleted, identity, item, receivedAt));
            return;
        }

        if (isKnown && before.Identity.Uid == identity.Uid)
        {
            if (IsSeen(identity.Version, before.Identity.Version))
            {
                return;
            }

            known[identity.Key] = (identity, item);
            events.Add(Event(WatchEventType.Modified, identity, item, receivedAt));
            return;
        }

        if (isKnown ? IsSeen(identity.Version, before.Identity.Version) : IsOver(identity))
        {
            return;
        }

        if (isKnown)
        {
            // The deletion of the namesake was lost.
            Forget(before.Identity);
            events.Add(Event(WatchEventType.Deleted, before.Identity, before.Item, receivedAt));
        }

        known[identity.Key] = (identity, item);
        events.Add(Event(WatchEventType.Added, identity, item, receivedAt));
    }

    /// <summary>Takes in a whole list: the truth, even where its versions are older (a restored etcd goes back in time).</summary>
    public void TakeAll(IReadOnlyList<T> items, string? version, List<WatchEvent<T>> events, long receivedAt)
    {
        listedAt = version;
        var listed = new Dictionary<string, ObjectIdentity>(items.Count, StringComparer.Ordinal);
        foreach (var item in items)
        {
            var identity = ObjectIdentity.Of(item);
            listed[identity.Key] = identity;
        }

        foreach (var (key, before) in known.ToArray())
        {
            if (!listed.TryGetValue(key, out var now) || now.Uid != before.Identity.Uid)
            {
                Forget(before.Identity);
                events.Add(Event(WatchEventType.Deleted, before.Identity, before.Item, receivedAt));
            }
        }

        // What is missing from the list needs no remembering: the list's version says it all.
        deletions.Clear();
        oldestDeletions.Clear();
        foreach (var item in items)
        {
            var identity = ObjectIdentity.Of(item);
            var isKnown = known.TryGetValue(identity.Key, out var before);
            if (isKnown && before.Identity.Version == identity.Version && identity.Version.Length > 0)
            {
                continue;
            }

            known[identity.Key] = (identity, item);
            events.Add(Event(isKnown ? WatchEventType.Modified : WatchEventType.Added, identity, item, receivedAt));
        }
    }

    private static WatchEvent<T> Event(WatchEventType type, ObjectIdentity identity, T item, long receivedAt) =>
        new(type, item, identity.Version.Length == 0 ? null : identity.Version, receivedAt);

    /// <summary>Whether an unknown object is one that was deleted before: reported as gone, or missing from a later list.</summary>
    private bool IsOver(ObjectIdentity identity) =>
        ObjectIdentity.Compare(identity.Version, listedAt) <= 0 || (deletions.TryGetValue(identity.Uid, out var ended) && IsSeen(identity.Version, ended));

    private static bool IsSeen(string version, string known) =>
        ObjectIdentity.Compare(version, known) is { } order ? order <= 0 : version.Length > 0 && version == known;

    private void Forget(ObjectIdentity identity)
    {
        known.Remove(identity.Key);
        if (identity.Uid.Length == 0)
        {
            return;
        }

        if (deletions.TryAdd(identity.Uid, identity.Version))
        {
            oldestDeletions.Enqueue(identity.Uid);
            if (oldestDeletions.Count > RememberedDeletions)
            {
                deletions.Remove(oldestDeletions.Dequeue());
            }
        }
        else
        {
            deletions[identity.Uid] = identity.Version;
        }
    }
}
