namespace ChaosDrill.Twin.Storage;

/// <summary>The objects of one kind, in order, with the recent changes and those who watch them.</summary>
internal sealed class ResourceShelf(int historyLimit)
{
    private readonly SortedDictionary<string, SortedDictionary<string, StoredObject>> namespaces = new(StringComparer.Ordinal);
    private readonly Queue<StoreChange> history = new();
    private readonly List<Watch> watches = [];

    /// <summary>Changes up to and including this version are forgotten.</summary>
    public long CompactedTo { get; private set; }

    public IReadOnlyList<Watch> Watches => watches;

    public StoredObject? Find(string ns, string name) =>
        namespaces.TryGetValue(ns, out var names) ? names.GetValueOrDefault(name) : null;

    public IEnumerable<StoredObject> List(string? ns) => ns is null
        ? namespaces.Values.SelectMany(names => names.Values)
        : namespaces.TryGetValue(ns, out var found) ? found.Values : [];

    public void Put(StoredObject stored, bool keep)
    {
        if (!namespaces.TryGetValue(stored.Namespace, out var names))
        {
            namespaces[stored.Namespace] = names = new(StringComparer.Ordinal);
        }

        if (keep)
        {
            names[stored.Name] = stored;
        }
        else if (names.Remove(stored.Name) && names.Count == 0)
        {
            namespaces.Remove(stored.Namespace);
        }
    }

    public void Record(StoreChange change)
    {
        history.Enqueue(change);
        if (history.Count > historyLimit)
        {
            CompactedTo = history.Dequeue().Version;
        }

        foreach (var watch in watches)
        {
            watch.Offer(change);
        }
    }

    public void Compact(long version)
    {
        history.Clear();
        CompactedTo = version;
    }

    public IEnumerable<StoreChange> Since(long version) => history.Where(change => change.Version > version);

    public void Subscribe(Watch watch) => watches.Add(watch);

    public void Unsubscribe(Watch watch) => watches.Remove(watch);
}
