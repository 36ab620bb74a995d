namespace ChaosDrill.Twin.Storage;

/// <summary>The kinds that one cluster serves.</summary>
internal sealed class ResourceCatalog
{
    private readonly List<ResourceType> types = [];
    private readonly Dictionary<(string Group, string Version, string Plural), ResourceType> byPath = [];
    private readonly Dictionary<(string ApiVersion, string Kind), ResourceType> byKind = [];

    public ResourceCatalog()
    {
        foreach (var type in BuiltInTypes.All)
        {
            Add(type);
        }
    }

    public IReadOnlyList<ResourceType> Types => types;

    public void Add(ResourceType type)
    {
        types.Add(type);
        byPath[(type.Group, type.Version, type.Plural)] = type;
        byKind[(type.ApiVersion, type.Kind)] = type;
    }

    public ResourceType? ByPath(string group, string version, string plural) => byPath.GetValueOrDefault((group, version, plural));

    public ResourceType? ByKind(string apiVersion, string kind) => byKind.GetValueOrDefault((apiVersion, kind));

    public bool HasGroup(string group) => types.Exists(t => t.Group == group);

    public bool HasGroupVersion(string group, string version) => types.Exists(t => t.Group == group && t.Version == version);
}
