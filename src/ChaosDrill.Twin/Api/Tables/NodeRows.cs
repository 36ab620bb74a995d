using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Api.Tables;

internal static class NodeRows
{
    public static readonly TableColumns Table = TableColumns.Of(
        ["Name", "Status", "Roles", "Age", "Version", "Internal-IP*", "External-IP*", "OS-Image*", "Kernel-Version*", "Container-Runtime*"],
        (o, now) =>
        {
            var info = o.Status.Obj("nodeInfo");
            return
            [
                o.Name, Status(o), Roles(o), HumanDuration.Age(o, now), info.Str("kubeletVersion"), Address(o, "InternalIP"), Address(o, "ExternalIP"),
                info.Str("osImage"), $"{info.Str("kernelVersion")} ({info.Str("architecture")})", info.Str("containerRuntimeVersion"),
            ];
        });

    private static string Status(StoredObject node)
    {
        var ready = node.Status.Arr("conditions").Objects().FirstOrDefault(c => c.Str("type") == "Ready").Str("status");
        var word = ready switch { "True" => "Ready", null => "Unknown", _ => "NotReady" };
        return node.Spec.Bool("unschedulable") == true ? $"{word},SchedulingDisabled" : word;
    }

    private static string Roles(StoredObject node)
    {
        const string prefix = "node-role.kubernetes.io/";
        var roles = (node.Labels ?? []).Select(l => l.Key).Where(k => k.StartsWith(prefix, StringComparison.Ordinal)).Select(k => k[prefix.Length..]).Order(StringComparer.Ordinal).ToList();
        return roles.Count == 0 ? "<none>" : string.Join(",", roles);
    }

    private static string Address(StoredObject node, string type) =>
        node.Status.Arr("addresses").Objects().FirstOrDefault(a => a.Str("type") == type).Str("address") ?? "<none>";
}
