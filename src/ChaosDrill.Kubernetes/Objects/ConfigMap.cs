using System.Collections.ObjectModel;

namespace ChaosDrill.Kubernetes;

/// <summary>Settings; known whole, so it may be replaced.</summary>
public sealed record ConfigMap : IKubernetesObject
{
    /// <summary>Group and version.</summary>
    public string ApiVersion { get => field ?? "v1"; init; }

    /// <summary>Kind.</summary>
    public string Kind { get => field ?? "ConfigMap"; init; }

    /// <inheritdoc/>
    public ObjectMeta Metadata { get => field ??= new(); init; }

    /// <summary>Texts.</summary>
    public IReadOnlyDictionary<string, string> Data { get => field ?? ReadOnlyDictionary<string, string>.Empty; init; }

    /// <summary>Bytes, in base64.</summary>
    public IReadOnlyDictionary<string, string> BinaryData { get => field ?? ReadOnlyDictionary<string, string>.Empty; init; }

    /// <summary>Whether it can change.</summary>
    public bool? Immutable { get; init; }
}
