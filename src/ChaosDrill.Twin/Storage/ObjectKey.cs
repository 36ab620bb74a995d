namespace ChaosDrill.Twin.Storage;

/// <summary>Where an object lives; the namespace is empty for cluster-wide kinds.</summary>
internal readonly record struct ObjectKey(ResourceType Type, string Namespace, string Name)
{
    public override string ToString() => Namespace.Length == 0 ? $"{Type}/{Name}" : $"{Type}/{Namespace}/{Name}";
}
