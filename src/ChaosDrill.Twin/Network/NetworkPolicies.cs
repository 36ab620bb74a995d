using System.Net;
using System.Text.Json.Nodes;
using ChaosDrill.Twin.Api;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Network;

/// <summary>Which pod may speak to which: what the network policies of both their namespaces allow.</summary>
/// <remarks>
/// A pod that no policy of a direction selects is open in that direction; one that is selected is open only to what any of
/// those policies lists. Both sides must agree. Source: kubernetes.io/docs/concepts/services-networking/network-policies.
/// </remarks>
internal sealed class NetworkPolicies(ControlPlane plane)
{
    /// <summary>Whether a packet of <paramref name="from"/> reaches a port of <paramref name="to"/>.</summary>
    public bool Allow(StoredObject from, StoredObject to, long port, string protocol = "TCP") =>
        !plane.Options.NetworkPolicies || from.Uid == to.Uid ||
        (Allow(from, "Egress", "egress", "to", to, to, port, protocol) && Allow(to, "Ingress", "ingress", "from", from, to, port, protocol));

    private bool Allow(StoredObject pod, string direction, string rules, string peers, StoredObject other, StoredObject target, long port, string protocol)
    {
        var isolated = false;
        foreach (var policy in plane.Store.List(BuiltInTypes.NetworkPolicies, pod.Namespace))
        {
            if (!policy.Spec.Arr("policyTypes").Strings().Contains(direction) || !LabelSelector.FromObject(policy.Spec.Obj("podSelector")).Matches(pod.Labels))
            {
                continue;
            }

            isolated = true;
            if (policy.Spec.Arr(rules).Objects().Any(rule => HasPeer(rule.Arr(peers), policy.Namespace, other) && HasPort(rule.Arr("ports"), target, port, protocol)))
            {
                return true;
            }
        }

        return !isolated;
    }

    private bool HasPeer(JsonArray? peers, string ns, StoredObject pod) => peers is not { Count: > 0 } || peers.Objects().Any(peer =>
    {
        if (peer.Obj("ipBlock") is { } block)
        {
            return IPAddress.TryParse(pod.Status.Str("podIP"), out var address) && Contains(block.Str("cidr"), address) &&
                !block.Arr("except").Strings().Any(e => Contains(e, address));
        }

        var home = peer.Obj("namespaceSelector") is { } namespaces
            ? LabelSelector.FromObject(namespaces).Matches(plane.Store.Find(BuiltInTypes.Namespaces, "", pod.Namespace)?.Labels)
            : pod.Namespace == ns;
        return home && (peer.Obj("podSelector") is not { } pods || LabelSelector.FromObject(pods).Matches(pod.Labels));
    });

    private static bool Contains(string? cidr, IPAddress address) => IPNetwork.TryParse(cidr, out var network) && network.Contains(address);

    private static bool HasPort(JsonArray? ports, StoredObject target, long port, string protocol) => ports is not { Count: > 0 } || ports.Objects().Any(one =>
        (one.Str("protocol") ?? "TCP") == protocol && (one["port"] is not { } wanted ? true
            : wanted.AsStr() is { } name ? NamedPorts(target, name).Contains(port)
            : wanted.AsInt() is { } first && port >= first && port <= (one.Int("endPort") ?? first)));

    private static IEnumerable<long> NamedPorts(StoredObject pod, string name) => pod.Spec.Arr("containers").Objects()
        .SelectMany(c => c.Arr("ports").Objects()).Where(p => p.Str("name") == name).Select(p => p.Int("containerPort") ?? 0);
}
