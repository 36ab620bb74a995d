using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Controllers;

/// <summary>Keeps the endpoint slices (and the older Endpoints) of each service in step with its pods.</summary>
internal sealed class EndpointSliceController(ControlPlane plane) : Controller(plane)
{
    private const int PerSlice = 100;

    /// <summary>Pods are seen by the kubelet's report first; this controller trails it, as the real one does.</summary>
    protected override TimeSpan Delay => Plane.Options.ControlPlaneDelay * 2;

    public override void Notice(StoreChange change)
    {
        var stored = change.Object;
        if (stored.Type == BuiltInTypes.Services && change.Kind != ChangeKind.Deleted)
        {
            Enqueue(stored.Key);
        }
        else if (stored.Type == BuiltInTypes.Pods)
        {
            foreach (var service in Store.List(BuiltInTypes.Services, stored.Namespace))
            {
                if (Selects(service, stored) || (change.Previous is { } before && Selects(service, before)))
                {
                    Enqueue(service.Key);
                }
            }
        }
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (Store.Find(key) is not { IsDeleting: false } service || service.Spec.Obj("selector") is not { Count: > 0 } selector)
        {
            return;
        }

        var pods = Store.PodsWith(service.Namespace, selector).FindAll(p => p.Status.Str("podIP") is not null && p.Status.Str("phase") is not ("Succeeded" or "Failed"));
        WriteSlices(service, pods);
        WriteEndpoints(service, pods);
    }

    private static bool Selects(StoredObject service, StoredObject pod) =>
        service.Spec.Obj("selector") is { Count: > 0 } selector && selector.All(s => pod.Labels.Str(s.Key) == s.Value.AsStr());

    private void WriteSlices(StoredObject service, List<StoredObject> pods)
    {
        var wanted = new OrderedDictionary<string, JsonObject>();
        foreach (var pod in pods)
        {
            wanted[pod.Uid] = Endpoint(service, pod);
        }

        var slices = Store.OwnedBy(service.Uid, BuiltInTypes.EndpointSlices).FindAll(s => !s.IsDeleting);
        var filled = new List<(StoredObject? Slice, List<JsonObject> Endpoints)>();
        foreach (var slice in slices)
        {
            var kept = new List<JsonObject>();
            foreach (var old in slice.Json.Arr("endpoints").Objects())
            {
                if (wanted.Remove(old.Obj("targetRef").Str("uid") ?? "", out var endpoint))
                {
                    kept.Add(endpoint);
                }
            }

            filled.Add((slice, kept));
        }

        foreach (var (_, endpoint) in wanted)
        {
            var room = filled.Find(f => f.Endpoints.Count < PerSlice).Endpoints;
            if (room is null)
            {
                filled.Add((null, room = []));
            }

            room.Add(endpoint);
        }

        if (filled.Count == 0)
        {
            filled.Add((null, []));
        }

        for (var i = 0; i < filled.Count; i++)
        {
            var (slice, endpoints) = filled[i];
            if (slice is null)
            {
                Registry.Create(BuiltInTypes.EndpointSlices, service.Namespace, Fill(NewSlice(service), service, pods, endpoints));
            }
            else if (endpoints.Count == 0 && i > 0)
            {
                Registry.Delete(slice, null);
            }
            else
            {
                Registry.Change(slice, json => Fill(json, service, pods, endpoints));
            }
        }
    }

    private static JsonObject NewSlice(StoredObject service)
    {
        var labels = new JsonObject
        {
            ["endpointslice.kubernetes.io/managed-by"] = "endpointslice-controller.k8s.io",
            ["kubernetes.io/service-name"] = service.Name,
        };
        foreach (var (key, value) in service.Labels ?? [])
        {
            labels[key] = value?.DeepClone();
        }

        return new JsonObject
        {
            ["kind"] = "EndpointSlice",
            ["apiVersion"] = "discovery.k8s.io/v1",
            ["metadata"] = new JsonObject { ["generateName"] = service.Name + "-", ["labels"] = labels, ["ownerReferences"] = new JsonArray(Owners.Reference(service)) },
            ["addressType"] = "IPv4",
        };
    }

    private static JsonObject Fill(JsonObject slice, StoredObject service, List<StoredObject> pods, List<JsonObject> endpoints)
    {
        if (endpoints.Count == 0)
        {
            slice["endpoints"] = null;
            slice["ports"] = null;
        }
        else
        {
            slice["endpoints"] = new JsonArray([.. endpoints]);
            slice["ports"] = new JsonArray([.. service.Spec.Arr("ports").Objects().Select(p => new JsonObject
            {
                ["name"] = p.Str("name") ?? "", ["protocol"] = p.Str("protocol") ?? "TCP", ["port"] = ServicePorts.Target(p, pods[0]),
            })]);
        }

        return slice;
    }

    private JsonObject Endpoint(StoredObject service, StoredObject pod)
    {
        var ready = PodConditions.IsReady(pod);
        var endpoint = new JsonObject
        {
            ["addresses"] = new JsonArray(pod.Status.Str("podIP")),
            ["conditions"] = new JsonObject
            {
                ["ready"] = (ready && !pod.IsDeleting) || service.Spec.Bool("publishNotReadyAddresses") == true,
                ["serving"] = ready,
                ["terminating"] = pod.IsDeleting,
            },
            ["targetRef"] = Target(pod),
            ["nodeName"] = pod.Spec.Str("nodeName"),
        };
        if (pod.Spec.Str("nodeName") is { } node && Store.Find(BuiltInTypes.Nodes, "", node)?.Labels.Str("topology.kubernetes.io/zone") is { } zone)
        {
            endpoint["zone"] = zone;
        }

        return endpoint;
    }

    private static JsonObject Target(StoredObject pod) => new() { ["kind"] = "Pod", ["namespace"] = pod.Namespace, ["name"] = pod.Name, ["uid"] = pod.Uid };

    private void WriteEndpoints(StoredObject service, List<StoredObject> pods)
    {
        var live = pods.FindAll(p => !p.IsDeleting);
        var json = new JsonObject();
        if (live.Count > 0)
        {
            var subset = new JsonObject();
            Add("addresses", live.FindAll(PodConditions.IsReady));
            Add("notReadyAddresses", live.FindAll(p => !PodConditions.IsReady(p)));
            subset["ports"] = new JsonArray([.. service.Spec.Arr("ports").Objects().Select(p =>
            {
                var port = new JsonObject();
                if (p.Str("name") is { Length: > 0 } name)
                {
                    port["name"] = name;
                }

                port["port"] = ServicePorts.Target(p, live[0]);
                port["protocol"] = p.Str("protocol") ?? "TCP";
                return port;
            })]);
            json["subsets"] = new JsonArray(subset);

            void Add(string field, List<StoredObject> some)
            {
                if (some.Count > 0)
                {
                    subset[field] = new JsonArray([.. some.Select(p => new JsonObject { ["ip"] = p.Status.Str("podIP"), ["nodeName"] = p.Spec.Str("nodeName"), ["targetRef"] = Target(p) })]);
                }
            }
        }

        if (Store.Find(BuiltInTypes.Endpoints, service.Namespace, service.Name) is { } existing)
        {
            Registry.Change(existing, whole =>
            {
                whole.Remove("subsets");
                if (json["subsets"] is { } subsets)
                {
                    whole["subsets"] = subsets.DeepClone();
                }
            });
        }
        else
        {
            json["metadata"] = new JsonObject
            {
                ["name"] = service.Name,
                ["labels"] = new JsonObject { ["endpoints.kubernetes.io/managed-by"] = "endpoint-controller" },
                ["ownerReferences"] = new JsonArray(Owners.Reference(service)),
            };
            Registry.Create(BuiltInTypes.Endpoints, service.Namespace, json);
        }
    }
}
