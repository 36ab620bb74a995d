using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Api;

/// <summary>What of a quota's resources is used, and what a new object would add.</summary>
internal static class QuotaUsage
{
    private static readonly Dictionary<string, ResourceType> Counted = new(StringComparer.Ordinal)
    {
        ["configmaps"] = BuiltInTypes.ConfigMaps, ["persistentvolumeclaims"] = BuiltInTypes.PersistentVolumeClaims, ["pods"] = BuiltInTypes.Pods,
        ["secrets"] = BuiltInTypes.Secrets, ["services"] = BuiltInTypes.Services,
    };

    /// <summary>Refuses an object that would go over a quota of its namespace.</summary>
    /// <exception cref="ApiException">403, in the words of the real admission plugin.</exception>
    public static void Check(ObjectStore store, ResourceType type, string ns, string name, JsonObject json)
    {
        foreach (var quota in store.List(BuiltInTypes.ResourceQuotas, ns))
        {
            var over = new List<(string Resource, decimal Asked, decimal Used, string Limit)>();
            foreach (var (resource, limit) in quota.Status.Obj("hard") ?? [])
            {
                var asked = Of(resource, type, json);
                var used = asked == 0 ? 0 : InUse(store, ns, resource);
                if (asked > 0 && used + asked > (Quantity.Parse(limit) ?? 0))
                {
                    over.Add((resource, asked, used, limit!.ToString()));
                }
            }

            if (over.Count > 0)
            {
                throw Failure.Forbidden(type, name,
                    $"exceeded quota: {quota.Name}, requested: {string.Join(',', over.Select(o => $"{o.Resource}={Quantity.Format(o.Asked)}"))}, " +
                    $"used: {string.Join(',', over.Select(o => $"{o.Resource}={Quantity.Format(o.Used)}"))}, limited: {string.Join(',', over.Select(o => $"{o.Resource}={o.Limit}"))}");
            }
        }
    }

    /// <summary>How much of a resource the objects of a namespace use.</summary>
    public static decimal InUse(ObjectStore store, string ns, string resource) =>
        TypeOf(resource) is { } type ? store.List(type, ns).Where(o => type != BuiltInTypes.Pods || PodConditions.IsActive(o) || o.IsDeleting).Sum(o => Of(resource, type, o.Json)) : 0;

    /// <summary>How much of a resource one object uses.</summary>
    private static decimal Of(string resource, ResourceType type, JsonObject json)
    {
        if (TypeOf(resource) != type)
        {
            return 0;
        }

        var (part, name) = resource.Split('.', 2) switch
        {
            ["requests", var asked] => ("requests", asked),
            ["limits", var limited] => ("limits", limited),
            _ => resource is "cpu" or "memory" ? ("requests", resource) : ("", ""),
        };
        return part.Length == 0 ? 1
            : json.Obj("spec").Arr("containers").Objects().Sum(c => Quantity.Parse(c.Obj("resources").Obj(part)?[name]) ?? 0);
    }

    private static ResourceType? TypeOf(string resource) => resource.StartsWith("count/", StringComparison.Ordinal)
        ? Array.Find(BuiltInTypes.All, t => t.QualifiedPlural == resource["count/".Length..])
        : Counted.GetValueOrDefault(resource) ?? (resource is "cpu" or "memory" || resource.StartsWith("requests.", StringComparison.Ordinal) || resource.StartsWith("limits.", StringComparison.Ordinal) ? BuiltInTypes.Pods : null);
}
