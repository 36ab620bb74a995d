namespace ChaosDrill.Twin.Storage;

/// <summary>How the events of one watch are written: whole objects, metadata only, or table rows.</summary>
internal interface IWatchFormat
{
    ReadOnlyMemory<byte> Frame(string type, StoredObject stored);

    ReadOnlyMemory<byte> Bookmark(long version, bool initialEventsEnd);
}
