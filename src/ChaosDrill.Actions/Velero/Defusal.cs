using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace ChaosDrill.Actions.Velero;

/// <summary>How a scratch restore is kept from reaching out: what is left out, and what is changed on the way. Pure.</summary>
/// <param name="LeftOut">Resources that are not restored.</param>
/// <param name="Changed">Services, as the backup has them, that are restored without load balancer, node ports, external addresses and names.</param>
internal sealed record Defusal(IReadOnlyCollection<string> LeftOut, IReadOnlyList<BackedUp> Changed)
{
    /// <summary>Velero changes objects on restore from this version on.</summary>
    private static readonly Version Modifies = new(1, 12);

    /// <summary>What would act on the world or on the whole cluster, and what would open the scratch namespace again.</summary>
    private static readonly string[] Always =
    [
        "ingresses.networking.k8s.io", "ingresses.extensions", "gateways.gateway.networking.k8s.io", "httproutes.gateway.networking.k8s.io", "routes.route.openshift.io",
        "virtualservices.networking.istio.io", "gateways.networking.istio.io", "dnsendpoints.externaldns.k8s.io", "certificates.cert-manager.io",
        "cronjobs.batch", "jobs.batch", "networkpolicies.networking.k8s.io", "leases.coordination.k8s.io",
        "mutatingwebhookconfigurations.admissionregistration.k8s.io", "validatingwebhookconfigurations.admissionregistration.k8s.io",
    ];

    /// <summary>For the objects of one namespace.</summary>
    /// <param name="contents">What the backup holds.</param>
    /// <param name="ns">The namespace.</param>
    /// <param name="server">The version of Velero; null when it is not known.</param>
    /// <param name="also">Further resources to leave out.</param>
    public static Defusal Of(IEnumerable<BackedUp> contents, string ns, Version? server, IEnumerable<string> also)
    {
        var reaching = contents.Where(i => i.Namespace == ns && i.Resource == "services" && ReachesOut(i.Json)).ToList();
        var modifies = server is not null && server >= Modifies;
        return new Defusal(
            [.. Always, .. also, .. reaching.Count > 0 && !modifies ? ["services"] : Array.Empty<string>()],
            modifies ? reaching : []);
    }

    /// <summary>The backup's objects as they will be restored.</summary>
    public IReadOnlyList<BackedUp> Applied(IReadOnlyList<BackedUp> contents) =>
        [.. contents.Select(i => Changed.Contains(i) ? i with { Json = Defused(i.Json) } : i)];

    /// <summary>The rules by which Velero changes the objects, as its config map wants them; null when none is changed.</summary>
    public string? Rules() => Changed.Count == 0 ? null : new JsonObject
    {
        ["version"] = "v1",
        ["resourceModifierRules"] = new JsonArray([.. Changed.Select(service => (JsonNode)new JsonObject
        {
            ["conditions"] = new JsonObject
            {
                ["groupResource"] = service.Resource, ["resourceNameRegex"] = $"^{Regex.Escape(service.Name)}$", ["namespaces"] = new JsonArray(service.Namespace),
            },
            ["mergePatches"] = new JsonArray(new JsonObject { ["patchData"] = Change(service.Json).ToJsonString() }),
        })]),
    }.ToJsonString();

    private static bool ReachesOut(JsonObject service) =>
        (string?)service["spec"]?["type"] is "LoadBalancer" or "NodePort" || service["spec"]?["externalIPs"] is JsonArray { Count: > 0 } || ExternalNames(service).Any();

    private static IEnumerable<string> ExternalNames(JsonObject service) =>
        (service["metadata"]?["annotations"] as JsonObject ?? []).Select(a => a.Key).Where(k => k.StartsWith("external-dns.", StringComparison.Ordinal));

    private static JsonObject Defused(JsonObject service)
    {
        var defused = service.DeepClone().AsObject();
        var spec = defused["spec"]!.AsObject();
        foreach (var (field, value) in Change(service)["spec"]!.AsObject())
        {
            spec.Remove(field);
            if (value is not null)
            {
                spec[field] = value.DeepClone();
            }
        }

        foreach (var name in ExternalNames(service).ToList())
        {
            defused["metadata"]!["annotations"]!.AsObject().Remove(name);
        }

        if (defused["metadata"]?["annotations"] is JsonObject { Count: 0 })
        {
            defused["metadata"]!.AsObject().Remove("annotations");
        }

        return defused;
    }

    /// <summary>A merge patch.</summary>
    private static JsonObject Change(JsonObject service)
    {
        var spec = new JsonObject();
        foreach (var field in (string[])["externalIPs", "loadBalancerIP", "loadBalancerClass", "loadBalancerSourceRanges", "healthCheckNodePort", "allocateLoadBalancerNodePorts", "externalTrafficPolicy"])
        {
            if (service["spec"]?[field] is not null)
            {
                spec[field] = null;
            }
        }

        if ((string?)service["spec"]?["type"] is "LoadBalancer" or "NodePort")
        {
            spec["type"] = "ClusterIP";
        }

        if (service["spec"]?["ports"] is JsonArray ports)
        {
            var own = ports.DeepClone().AsArray();
            own.OfType<JsonObject>().ToList().ForEach(port => port.Remove("nodePort"));
            spec["ports"] = own;
        }

        var change = new JsonObject { ["spec"] = spec };
        if (ExternalNames(service).ToList() is { Count: > 0 } names)
        {
            change["metadata"] = new JsonObject { ["annotations"] = new JsonObject(names.Select(n => KeyValuePair.Create(n, (JsonNode?)null))) };
        }

        return change;
    }
}
