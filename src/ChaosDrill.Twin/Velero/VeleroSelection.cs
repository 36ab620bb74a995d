using System.Text.Json.Nodes;
using ChaosDrill.Twin.Api;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Velero;

/// <summary>Which objects the spec of a backup or a restore means.</summary>
internal sealed class VeleroSelection
{
    private readonly HashSet<string> namespaces;
    private readonly HashSet<string> notNamespaces;
    private readonly string[] resources;
    private readonly string[] notResources;
    private readonly LabelSelector[] selectors;

    public VeleroSelection(JsonObject? spec)
    {
        namespaces = Set("includedNamespaces");
        notNamespaces = Set("excludedNamespaces");
        resources = [.. spec.Arr("includedResources").Strings()];
        notResources = [.. spec.Arr("excludedResources").Strings()];
        selectors = spec.Obj("labelSelector") is { } one ? [LabelSelector.FromObject(one)]
            : [.. spec.Arr("orLabelSelectors").Objects().Select(LabelSelector.FromObject)];
        ClusterResources = spec.Bool("includeClusterResources");

        HashSet<string> Set(string field) => [.. spec.Arr(field).Strings()];
    }

    /// <summary>Null leaves it to what the namespaces' objects refer to.</summary>
    public bool? ClusterResources { get; }

    public bool Takes(string ns) => (namespaces.Count == 0 || namespaces.Contains("*") || namespaces.Contains(ns)) && !notNamespaces.Contains(ns);

    public bool Takes(ResourceType type) => (resources.Length == 0 || resources.Any(r => Means(r, type))) && !notResources.Any(r => r != "*" && Means(r, type));

    public bool Takes(JsonObject? labels) => selectors.Length == 0 || selectors.Any(s => s.Matches(labels));

    public bool Takes(BackedUpItem item) => (item.Namespace.Length == 0 || Takes(item.Namespace)) && Takes(item.Type) && Takes(item.Json.Obj("metadata").Obj("labels"));

    private static bool Means(string name, ResourceType type) =>
        name == "*" || name == type.QualifiedPlural || name == type.Plural || name == type.Singular || type.ShortNames.Contains(name) || name == $"{type.Singular}.{type.Group}";
}
