using System.Text.Json.Serialization;

namespace ChaosDrill.Kubernetes;

/// <summary>An event, as core/v1 serves it. Partial: see <see cref="IKubernetesObject"/> before writing one back.</summary>
public sealed record Event : IKubernetesObject
{
    /// <summary>Group and version.</summary>
    public string ApiVersion { get => field ?? "v1"; init; }

    /// <summary>Kind.</summary>
    public string Kind { get => field ?? "Event"; init; }

    /// <inheritdoc/>
    public ObjectMeta Metadata { get => field ??= new(); init; }

    /// <summary>What it is about.</summary>
    public ObjectReference? InvolvedObject { get; init; }

    /// <summary><c>Normal</c> or <c>Warning</c>.</summary>
    public string? Type { get; init; }

    /// <summary>What happened, in one word.</summary>
    public string? Reason { get; init; }

    /// <summary>What happened, for people.</summary>
    public string? Message { get; init; }

    /// <summary>How often.</summary>
    public int? Count { get; init; }

    /// <summary>First time, to the second; null from newer reporters.</summary>
    public DateTimeOffset? FirstTimestamp { get; init; }

    /// <summary>Last time, to the second; null from newer reporters.</summary>
    public DateTimeOffset? LastTimestamp { get; init; }

    /// <summary>Time to the microsecond; null from older reporters.</summary>
    [JsonConverter(typeof(MicroTimeConverter))]
    public DateTimeOffset? EventTime { get; init; }

    /// <summary>Who said so.</summary>
    public EventSource? Source { get; init; }

    /// <summary>Who said so, from newer reporters.</summary>
    public string? ReportingComponent { get; init; }
}

/// <summary>Who reported an event.</summary>
public sealed record EventSource
{
    /// <summary>The component.</summary>
    public string? Component { get; init; }

    /// <summary>Its node.</summary>
    public string? Host { get; init; }
}
