using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace ChaosDrill.Kubernetes;

/// <summary>A kind of object: where the API server keeps it and how one is read.</summary>
/// <typeparam name="T">A record that implements <see cref="IKubernetesObject"/>, or <see cref="JsonElement"/>.</typeparam>
public sealed record Resource<T>
{
    /// <summary>Describes a kind.</summary>
    /// <param name="group">The API group; empty for the core group.</param>
    /// <param name="version">The version, for example <c>v1</c>.</param>
    /// <param name="plural">The name in paths, for example <c>pods</c>.</param>
    /// <param name="kind">The name in objects, for example <c>Pod</c>.</param>
    /// <param name="namespaced">Whether its objects live in namespaces.</param>
    /// <param name="typeInfo">How one is read and written.</param>
    public Resource(string group, string version, string plural, string kind, bool namespaced, JsonTypeInfo<T> typeInfo)
    {
        ArgumentNullException.ThrowIfNull(group);
        ArgumentException.ThrowIfNullOrEmpty(kind);
        ArgumentNullException.ThrowIfNull(typeInfo);
        if (typeof(T) != typeof(JsonElement) && !typeof(IKubernetesObject).IsAssignableFrom(typeof(T)))
        {
            throw new ArgumentException($"{typeof(T).Name} must be JsonElement or implement {nameof(IKubernetesObject)}.", nameof(typeInfo));
        }

        Group = group.Length == 0 ? group : ApiPath.Segment(group, "group");
        Version = ApiPath.Segment(version, "version");
        Plural = ApiPath.Segment(plural, "plural");
        Kind = kind;
        Namespaced = namespaced;
        TypeInfo = typeInfo;
    }

    /// <summary>The API group; empty for the core group.</summary>
    public string Group { get; }

    /// <summary>The version.</summary>
    public string Version { get; }

    /// <summary>The name in paths.</summary>
    public string Plural { get; }

    /// <summary>The name in objects.</summary>
    public string Kind { get; }

    /// <summary>Whether its objects live in namespaces.</summary>
    public bool Namespaced { get; }

    /// <summary>How one is read and written.</summary>
    public JsonTypeInfo<T> TypeInfo { get; }

    /// <summary>Group and version as objects write them, for example <c>apps/v1</c>.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>The metadata of an object of this kind.</summary>
    /// <param name="item">The object.</param>
    public ObjectMeta MetadataOf(T item) => item switch
    {
        IKubernetesObject known => known.Metadata,
        JsonElement json when json.ValueKind == JsonValueKind.Object && json.TryGetProperty("metadata", out var metadata) =>
            metadata.Deserialize(KubernetesJson.Default.ObjectMeta) ?? new(),
        _ => new(),
    };

    /// <summary>The kind as kubectl names it, for example <c>deployments.apps</c>.</summary>
    public override string ToString() => Group.Length == 0 ? Plural : $"{Plural}.{Group}";
}
