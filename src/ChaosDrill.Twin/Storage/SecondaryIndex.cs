namespace ChaosDrill.Twin.Storage;

/// <summary>Finds objects by a value in them (owner uid, node, label) without a scan; in order of creation of the entry.</summary>
internal sealed class SecondaryIndex(Func<StoredObject, IEnumerable<string>> keysOf)
{
    private static readonly IReadOnlyCollection<ObjectKey> Nothing = [];

    private readonly Dictionary<string, OrderedDictionary<ObjectKey, bool>> entries = new(StringComparer.Ordinal);

    public IReadOnlyCollection<ObjectKey> this[string key] => entries.TryGetValue(key, out var found) ? found.Keys : Nothing;

    public int Count(string key) => entries.TryGetValue(key, out var found) ? found.Count : 0;

    public void Replace(StoredObject? before, StoredObject? after)
    {
        string[] old = before is null ? [] : [.. keysOf(before)];
        string[] fresh = after is null ? [] : [.. keysOf(after)];
        if (old.AsSpan().SequenceEqual(fresh))
        {
            return;
        }

        foreach (var key in old)
        {
            if (entries.TryGetValue(key, out var found) && found.Remove(before!.Key) && found.Count == 0)
            {
                entries.Remove(key);
            }
        }

        foreach (var key in fresh)
        {
            if (!entries.TryGetValue(key, out var found))
            {
                entries[key] = found = [];
            }

            found[after!.Key] = true;
        }
    }
}
