using System.Text;
using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Api;

/// <summary>Watch events with the whole object; each event is serialised once for all who watch this way.</summary>
internal sealed class ObjectFormat(ResourceType type) : IWatchFormat
{
    // One change goes to every watcher of the kind in turn, so remembering the last frame is enough.
    [ThreadStatic]
    private static (StoredObject Stored, string Type, byte[] Frame) last;

    public ReadOnlyMemory<byte> Frame(string type, StoredObject stored)
    {
        if (ReferenceEquals(last.Stored, stored) && last.Type == type)
        {
            return last.Frame;
        }

        var frame = Compose(type, stored.Bytes);
        last = (stored, type, frame);
        return frame;
    }

    public ReadOnlyMemory<byte> Bookmark(long version, bool initialEventsEnd) =>
        Compose("BOOKMARK", StoredObject.Serialize(BookmarkObject(type.Kind, type.ApiVersion, version, initialEventsEnd)));

    public static JsonObject BookmarkObject(string kind, string apiVersion, long version, bool initialEventsEnd)
    {
        var metadata = new JsonObject { ["resourceVersion"] = version.ToString(), ["creationTimestamp"] = null };
        if (initialEventsEnd)
        {
            metadata["annotations"] = new JsonObject { ["k8s.io/initial-events-end"] = "true" };
        }

        return new JsonObject { ["kind"] = kind, ["apiVersion"] = apiVersion, ["metadata"] = metadata };
    }

    public static byte[] Compose(string type, byte[] json)
    {
        var head = Encoding.UTF8.GetBytes($"{{\"type\":\"{type}\",\"object\":");
        var frame = new byte[head.Length + json.Length + 2];
        head.CopyTo(frame, 0);
        json.CopyTo(frame, head.Length);
        frame[^2] = (byte)'}';
        frame[^1] = (byte)'\n';
        return frame;
    }

    public static JsonObject PartialMetadata(StoredObject stored) => new()
    {
        ["kind"] = "PartialObjectMetadata",
        ["apiVersion"] = "meta.k8s.io/v1",
        ["metadata"] = stored.Metadata.Copy(),
    };
}
