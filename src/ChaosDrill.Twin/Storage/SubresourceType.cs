namespace ChaosDrill.Twin.Storage;

/// <summary>A path below an object: <c>status</c>, <c>scale</c>, <c>eviction</c>.</summary>
internal sealed record SubresourceType(string Name, string Kind, params string[] Verbs)
{
    /// <summary>Group and version of what is exchanged there, where it is not the parent's.</summary>
    public string? Group { get; init; }

    public string? Version { get; init; }

    public static SubresourceType Status(string kind) => new("status", kind, "get", "patch", "update");

    public static SubresourceType Scale() => new("scale", "Scale", "get", "patch", "update") { Group = "autoscaling", Version = "v1" };
}
