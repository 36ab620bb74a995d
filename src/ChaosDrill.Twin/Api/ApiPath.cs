using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Api;

/// <summary>A path below <c>/api</c> or <c>/apis</c>, taken apart.</summary>
internal sealed record ApiPath(ResourceType Type, string? Namespace, string? Name, string? Subresource, string Rest)
{
    /// <summary>Null when the path names no resource of this cluster.</summary>
    public static ApiPath? Parse(ResourceCatalog catalog, string path)
    {
        var parts = path.TrimStart('/').Split('/');
        string group;
        string version;
        int at;
        switch (parts)
        {
            case ["api", var v, _, ..]:
                (group, version, at) = ("", v, 2);
                break;
            case ["apis", var g, var v, _, ..]:
                (group, version, at) = (g, v, 3);
                break;
            default:
                return null;
        }

        string? ns = null;
        if (parts.Length > at + 2 && parts[at] == "namespaces" && !(parts.Length == at + 3 && parts[at + 2] is "status" or "finalize") && parts[at + 2].Length > 0)
        {
            ns = Uri.UnescapeDataString(parts[at + 1]);
            at += 2;
        }

        if (catalog.ByPath(group, version, parts[at]) is not { } type || (ns is not null && !type.Namespaced))
        {
            return null;
        }

        var name = parts.Length > at + 1 && parts[at + 1].Length > 0 ? Uri.UnescapeDataString(parts[at + 1]) : null;
        var sub = parts.Length > at + 2 && parts[at + 2].Length > 0 ? parts[at + 2] : null;
        var rest = parts.Length > at + 3 ? "/" + string.Join('/', parts[(at + 3)..]) : "";
        return name is not null && type.Namespaced && ns is null ? null : new ApiPath(type, ns, name, sub, rest);
    }
}
