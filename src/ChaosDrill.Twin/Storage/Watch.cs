using System.Text;
using System.Text.Json.Nodes;

namespace ChaosDrill.Twin.Storage;

/// <summary>One open watch: changes in, frames out.</summary>
internal sealed class Watch(TwinLoop loop, WatchFilter filter, IWatchFormat format, long after) : FrameQueue(loop)
{
    public void Offer(StoreChange change)
    {
        if (change.Version <= after)
        {
            // The client asked for what comes after a version that has not been reached yet.
            return;
        }

        var matched = change.Previous is not null && filter.Matches(change.Previous);
        var matches = filter.Matches(change.Object);
        var seen = (change.Kind, matched, matches) switch
        {
            (ChangeKind.Deleted, true, _) => "DELETED",
            (ChangeKind.Deleted, false, _) => null,
            (_, false, true) => "ADDED",
            (_, true, true) => "MODIFIED",
            (_, true, false) => "DELETED",
            _ => null,
        };

        if (seen is not null)
        {
            Send(format.Frame(seen, change.Object));
        }
    }

    /// <summary>An object that was there before the watch began.</summary>
    public void OfferExisting(StoredObject stored)
    {
        if (filter.Matches(stored))
        {
            Send(format.Frame("ADDED", stored));
        }
    }

    public void SendBookmark(long version, bool initialEventsEnd) => Send(format.Bookmark(version, initialEventsEnd));

    public void SendError(JsonObject status) =>
        Send(Encoding.UTF8.GetBytes($"{{\"type\":\"ERROR\",\"object\":{Encoding.UTF8.GetString(StoredObject.Serialize(status))}}}\n"));
}
