using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;

namespace ChaosDrill.Twin.Api.Tables;

internal static class NetworkRows
{
    public static readonly TableColumns Services = TableColumns.Of(
        ["Name", "Type", "Cluster-IP", "External-IP", "Port(s)", "Age", "Selector*"],
        (o, now) =>
        [
            o.Name, o.Spec.Str("type"), o.Spec.Str("clusterIP") ?? "<none>", o.Spec.Str("externalName") ?? "<none>",
            Ports(o.Spec.Arr("ports")), HumanDuration.Age(o, now),
            o.Spec.Obj("selector") is { Count: > 0 } selector ? string.Join(",", selector.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => $"{s.Key}={s.Value.AsStr()}")) : "<none>",
        ]);

    public static readonly TableColumns Endpoints = TableColumns.Of(["Name", "Endpoints", "Age"],
        (o, now) => [o.Name, Addresses(o.Json.Arr("subsets")), HumanDuration.Age(o, now)]);

    public static readonly TableColumns EndpointSlices = TableColumns.Of(["Name", "AddressType", "Ports", "Endpoints", "Age"],
        (o, now) =>
        [
            o.Name, o.Json.Str("addressType"),
            o.Json.Arr("ports") is { Count: > 0 } ports ? string.Join(",", ports.Objects().Select(p => p.Int("port"))) : "<unset>",
            Shorten([.. o.Json.Arr("endpoints").Objects().SelectMany(e => e.Arr("addresses").Strings())]), HumanDuration.Age(o, now),
        ]);

    private static string Ports(JsonArray? ports) => ports is { Count: > 0 }
        ? string.Join(",", ports.Objects().Select(p => p.Int("nodePort") is { } node ? $"{p.Int("port")}:{node}/{p.Str("protocol")}" : $"{p.Int("port")}/{p.Str("protocol")}"))
        : "<none>";

    private static string Addresses(JsonArray? subsets) => Shorten(
    [
        .. subsets.Objects().SelectMany(s => s.Arr("ports").Objects().DefaultIfEmpty([]), (s, p) => (s, p))
            .SelectMany(x => x.s.Arr("addresses").Objects(), (x, a) => x.p.Int("port") is { } port ? $"{a.Str("ip")}:{port}" : a.Str("ip")!),
    ]);

    private static string Shorten(List<string> all) => all.Count switch
    {
        0 => "<none>",
        <= 3 => string.Join(",", all),
        _ => $"{string.Join(",", all.Take(3))} + {all.Count - 3} more...",
    };
}
