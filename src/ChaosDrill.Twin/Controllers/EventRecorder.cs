using System.Globalization;
using System.Text.Json.Nodes;
using ChaosDrill.Twin.Api;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Controllers;

/// <summary>Writes Events; the same news about the same object is counted instead of repeated.</summary>
internal sealed class EventRecorder(ControlPlane plane)
{
    /// <summary>How long the real server keeps events.</summary>
    private static readonly TimeSpan Retention = TimeSpan.FromHours(1);

    private readonly Dictionary<(string Uid, string Reason, string Message), ObjectKey> known = [];
    private long sequence;

    /// <summary>Writes news about an object. An action is given by components that use the newer events API (the scheduler)
    /// and changes the form of the event.</summary>
    public void Record(StoredObject about, string type, string reason, string message, string component, string? host = null, string? action = null, string? fieldPath = null)
    {
        var ns = about.Namespace.Length == 0 ? "default" : about.Namespace;
        if (plane.Store.Find(BuiltInTypes.Namespaces, "", ns) is not { IsDeleting: false })
        {
            return;
        }

        var key = (about.Uid, reason, message);
        if (known.TryGetValue(key, out var earlier) && plane.Store.Find(earlier) is { } existing)
        {
            plane.Registry.Change(existing, json =>
            {
                json["count"] = (json.Int("count") ?? 1) + 1;
                if (json["lastTimestamp"] is not null)
                {
                    json["lastTimestamp"] = plane.NowText;
                }
            });
            return;
        }

        StoredObject stored;
        try
        {
            stored = plane.Registry.Create(BuiltInTypes.Events, ns, Compose(about, ns, type, reason, message, component, host, action, fieldPath));
        }
        catch (ApiException)
        {
            // News is told at best effort: a name that leaves no room for an event's own is no reason to stop.
            return;
        }

        known[key] = stored.Key;
        plane.Loop.After(Retention, () =>
        {
            known.Remove(key);
            if (plane.Store.Find(stored.Key) is { } old && old.Uid == stored.Uid)
            {
                plane.Registry.Delete(old, null);
            }
        });
    }

    private JsonObject Compose(StoredObject about, string ns, string type, string reason, string message, string component, string? host, string? action, string? fieldPath)
    {
        // Named as the real recorder does, by the time in nanoseconds; the sequence keeps simultaneous ones apart.
        string name;
        do
        {
            name = $"{about.Name}.{((plane.Now - DateTimeOffset.UnixEpoch).Ticks * 100 + ++sequence).ToString("x", CultureInfo.InvariantCulture)}";
        }
        while (plane.Store.Find(BuiltInTypes.Events, ns, name) is not null);

        var involved = new JsonObject { ["kind"] = about.Type.Kind };
        if (about.Namespace.Length > 0)
        {
            involved["namespace"] = about.Namespace;
        }

        involved["name"] = about.Name;
        involved["uid"] = about.Uid;
        involved["apiVersion"] = about.Type.ApiVersion;
        involved["resourceVersion"] = about.Metadata.Str("resourceVersion");
        if (fieldPath is not null)
        {
            involved["fieldPath"] = fieldPath;
        }

        var json = new JsonObject
        {
            ["kind"] = "Event",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = ns },
            ["involvedObject"] = involved,
            ["reason"] = reason,
            ["message"] = message,
        };
        if (action is null)
        {
            var source = new JsonObject { ["component"] = component };
            if (host is not null)
            {
                source["host"] = host;
            }

            json["source"] = source;
            json["firstTimestamp"] = plane.NowText;
            json["lastTimestamp"] = plane.NowText;
            json["count"] = 1L;
            json["type"] = type;
            json["eventTime"] = null;
        }
        else
        {
            json["source"] = new JsonObject();
            json["firstTimestamp"] = null;
            json["lastTimestamp"] = null;
            json["type"] = type;
            json["eventTime"] = Timestamps.Micros(plane.Now);
            json["action"] = action;
        }

        json["reportingComponent"] = component;
        json["reportingInstance"] = action is null ? host ?? "" : $"{component}-twin";
        return json;
    }
}
