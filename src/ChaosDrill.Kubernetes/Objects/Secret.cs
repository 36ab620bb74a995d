using System.Collections.ObjectModel;

namespace ChaosDrill.Kubernetes;

/// <summary>Secrets. Partial: see <see cref="IKubernetesObject"/> before writing one back.</summary>
public sealed record Secret : IKubernetesObject
{
    /// <summary>Group and version.</summary>
    public string ApiVersion { get => field ?? "v1"; init; }

    /// <summary>Kind.</summary>
    public string Kind { get => field ?? "Secret"; init; }

    /// <inheritdoc/>
    public ObjectMeta Metadata { get => field ??= new(); init; }

    /// <summary>Values, in base64; never log them.</summary>
    public IReadOnlyDictionary<string, string> Data { get => field ?? ReadOnlyDictionary<string, string>.Empty; init; }

    /// <summary>What it is for.</summary>
    public string? Type { get; init; }

    /// <summary>Whether it can change.</summary>
    public bool? Immutable { get; init; }

    /// <summary>Its name and kind only: no value leaves through a log.</summary>
    public override string ToString() => $"Secret {Metadata.Namespace}/{Metadata.Name}";
}
