namespace ChaosDrill.Twin.Storage;

/// <summary>One write, as watchers and controllers see it.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Object">The object after the write; at a deletion its last state, with the deletion's version.</param>
/// <param name="Previous">The object before the write; null at a creation.</param>
internal sealed record StoreChange(ChangeKind Kind, StoredObject Object, StoredObject? Previous)
{
    public long Version => Object.Version;
}

internal enum ChangeKind
{
    Added,
    Modified,
    Deleted,
}
