namespace ChaosDrill.Twin.Json;

/// <summary>Which lists of the built-in kinds are merged by a key instead of replaced (patchMergeKey in the Kubernetes API types).</summary>
internal static class MergeKeys
{
    private static readonly Dictionary<string, string[]> ByPath = new(StringComparer.Ordinal)
    {
        ["containers"] = ["name"],
        ["initContainers"] = ["name"],
        ["ephemeralContainers"] = ["name"],
        ["volumes"] = ["name"],
        ["env"] = ["name"],
        ["volumeMounts"] = ["mountPath"],
        ["volumeDevices"] = ["devicePath"],
        ["imagePullSecrets"] = ["name"],
        ["hostAliases"] = ["ip"],
        ["topologySpreadConstraints"] = ["topologyKey", "whenUnsatisfiable"],
        ["ownerReferences"] = ["uid"],
        ["conditions"] = ["type"],
        ["secrets"] = ["name"],
        ["podIPs"] = ["ip"],
        ["hostIPs"] = ["ip"],
        ["addresses"] = ["type"],
        ["readinessGates"] = ["conditionType"],
        ["schedulingGates"] = ["name"],
        ["resourceClaims"] = ["name"],
        ["taints"] = ["key", "effect"],
    };

    /// <summary>Lists of plain values that are treated as sets.</summary>
    public static bool IsSet(string field) => field is "finalizers" or "podCIDRs";

    /// <summary>The key by which a list is merged, or null when it is replaced whole.</summary>
    /// <param name="path">Field names from the object's root down to the list.</param>
    public static string? For(IReadOnlyList<string> path)
    {
        var field = path[^1];
        var parent = path.Count > 1 ? path[^2] : "";
        return field switch
        {
            "ports" when parent == "containers" || parent == "initContainers" => "containerPort",
            "ports" when parent == "spec" => "port",
            "ports" => null,
            "conditions" when parent != "status" => null,
            "addresses" when parent != "status" => null,
            "taints" when parent != "spec" => null,
            "containers" or "volumes" or "initContainers" when parent != "spec" => null,
            // Node taints are replaced as a whole by strategic merge, and merged by key and effect only by server-side apply.
            "taints" => null,
            _ => ByPath.TryGetValue(field, out var keys) ? keys[0] : null,
        };
    }

    /// <summary>The keys by which server-side apply tells list items apart (x-kubernetes-list-map-keys), or null for an atomic list.</summary>
    public static string[]? ForApply(IReadOnlyList<string> path)
    {
        var field = path[^1];
        var parent = path.Count > 1 ? path[^2] : "";
        return field switch
        {
            "ports" when parent is "containers" or "initContainers" => ["containerPort", "protocol"],
            "ports" when parent == "spec" => ["port", "protocol"],
            "taints" => null,
            _ => For(path) is null ? null : ByPath.GetValueOrDefault(field),
        };
    }
}
