using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Api;

/// <summary>Watch events with metadata only.</summary>
internal sealed class MetadataFormat : IWatchFormat
{
    public ReadOnlyMemory<byte> Frame(string type, StoredObject stored) =>
        ObjectFormat.Compose(type, StoredObject.Serialize(ObjectFormat.PartialMetadata(stored)));

    public ReadOnlyMemory<byte> Bookmark(long version, bool initialEventsEnd) =>
        ObjectFormat.Compose("BOOKMARK", StoredObject.Serialize(ObjectFormat.BookmarkObject("PartialObjectMetadata", "meta.k8s.io/v1", version, initialEventsEnd)));
}
