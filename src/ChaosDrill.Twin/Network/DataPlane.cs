using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Network;

/// <summary>Where services lead, and what pods answer.</summary>
/// <remarks>Used inside the loop only.</remarks>
internal sealed class DataPlane(ControlPlane plane)
{
    private readonly NetworkPolicies policies = new(plane);

    /// <summary>The ready endpoints behind one port of a service.</summary>
    public List<Endpoint> Endpoints(StoredObject service, string portName)
    {
        var found = new List<Endpoint>();
        foreach (var slice in plane.Store.OwnedBy(service.Uid, BuiltInTypes.EndpointSlices))
        {
            if (slice.Json.Arr("ports").Objects().FirstOrDefault(p => (p.Str("name") ?? "") == portName).Int("port") is { } port)
            {
                found.AddRange(slice.Json.Arr("endpoints").Objects().Where(e => e.Obj("conditions").Bool("ready") == true)
                    .Select(e => new Endpoint(e.Arr("addresses").Strings().First(), port, e.Obj("targetRef")!)));
            }
        }

        return found;
    }

    /// <summary>One of them, as the seed has it, and the pod that is there; none when it is gone.</summary>
    public (Endpoint Endpoint, StoredObject? Pod) Choose(List<Endpoint> endpoints, string ns)
    {
        var chosen = endpoints[plane.Seed.Choose(endpoints.Count)];
        var pod = plane.Store.Find(BuiltInTypes.Pods, ns, chosen.Target.Str("name")!);
        return (chosen, pod?.Uid == chosen.Target.Str("uid") ? pod : null);
    }

    /// <summary>What a pod answers; null when nothing runs that could.</summary>
    public static Answer? Ask(StoredObject pod, string method, string path)
    {
        if (!pod.Status.Arr("containerStatuses").Objects().Any(c => c.Obj("state").Obj("running") is not null))
        {
            return null;
        }

        var annotations = pod.Metadata.Obj("annotations");
        var status = int.TryParse(annotations.Str(TwinAnnotations.HttpStatus), out var code) && code is >= 200 and <= 599 ? code : 200;
        var body = new JsonObject { ["pod"] = pod.Name, ["node"] = pod.Spec.Str("nodeName"), ["method"] = method, ["path"] = path.Length == 0 ? "/" : path };
        return new(status, body, GoDuration.TryParse(annotations.Str(TwinAnnotations.HttpLatency), out var given) ? given : TimeSpan.Zero);
    }

    /// <summary>Opens a connection from a pod to a name or an address, as its network would.</summary>
    public Connection Dial(StoredObject from, string host, long port)
    {
        var (service, target, address) = Resolve(from, host);
        if (address is null)
        {
            return new(Reach.NoSuchHost, "", null);
        }

        if (service is not null)
        {
            var wanted = service.Spec.Arr("ports").Objects().FirstOrDefault(p => p.Int("port") == port);
            if (wanted is null || Endpoints(service, wanted.Str("name") ?? "") is not { Count: > 0 } endpoints)
            {
                // A port that no service has drops packets; a service with nothing behind it refuses.
                return new(wanted is null ? Reach.Dropped : Reach.Refused, address, null);
            }

            var (endpoint, pod) = Choose(endpoints, service.Namespace);
            (target, port) = (pod, endpoint.Port);
        }

        return target is null ? new(Reach.Refused, address, null)
            : !policies.Allow(from, target, port) ? new(Reach.Dropped, address, target)
            : new(Ask(target, "GET", "") is null ? Reach.Refused : Reach.Connected, address, target);
    }

    /// <summary>By address, or by the names that the cluster's DNS gives to services, seen from a pod's namespace.</summary>
    private (StoredObject? Service, StoredObject? Pod, string? Address) Resolve(StoredObject from, string host)
    {
        if (System.Net.IPAddress.TryParse(host, out _))
        {
            var service = plane.Store.List(BuiltInTypes.Services).FirstOrDefault(s => s.Spec.Str("clusterIP") == host);
            return (service, service is null ? plane.Store.List(BuiltInTypes.Pods).FirstOrDefault(p => p.Status.Str("podIP") == host && PodConditions.IsAlive(p)) : null, host);
        }

        var parts = host.TrimEnd('.').Split('.');
        var ns = parts.Length == 1 ? from.Namespace
            : parts is [_, _] or [_, _, "svc"] or [_, _, "svc", "cluster", "local"] ? parts[1]
            : null;
        if (ns is null || plane.Store.Find(BuiltInTypes.Services, ns, parts[0]) is not { } named)
        {
            return (null, null, null);
        }

        if (named.Spec.Str("clusterIP") is { } address and not "None")
        {
            return (named, null, address);
        }

        // Without an address of its own, a service's name stands for those of its pods.
        var ready = named.Spec.Arr("ports").Objects().Select(p => p.Str("name") ?? "").DefaultIfEmpty("").SelectMany(p => Endpoints(named, p)).ToList();
        if (ready.Count == 0)
        {
            return (null, null, null);
        }

        var (endpoint, pod) = Choose(ready, ns);
        return (null, pod, endpoint.Address);
    }
}

/// <summary>One address behind a service.</summary>
internal sealed record Endpoint(string Address, long Port, JsonObject Target);

/// <summary>What a pod answers to a request, and how long it takes.</summary>
internal sealed record Answer(int Status, JsonObject Body, TimeSpan Latency);

/// <summary>How far a connection came.</summary>
internal enum Reach
{
    /// <summary>The name has no address.</summary>
    NoSuchHost,

    /// <summary>Nothing listens.</summary>
    Refused,

    /// <summary>Packets vanish: a network policy does not let them through.</summary>
    Dropped,

    /// <summary>Somebody listens.</summary>
    Connected,
}

/// <summary>A connection, or why there is none.</summary>
internal sealed record Connection(Reach Reach, string Address, StoredObject? Pod);
