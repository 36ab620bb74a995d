using System.Collections.ObjectModel;
using System.Text.Json.Serialization;

namespace ChaosDrill.Kubernetes;

/// <summary>A node. Partial: see <see cref="IKubernetesObject"/> before writing one back.</summary>
public sealed record Node : IKubernetesObject
{
    /// <summary>Group and version.</summary>
    public string ApiVersion { get => field ?? "v1"; init; }

    /// <summary>Kind.</summary>
    public string Kind { get => field ?? "Node"; init; }

    /// <inheritdoc/>
    public ObjectMeta Metadata { get => field ??= new(); init; }

    /// <summary>What is wanted.</summary>
    public NodeSpec Spec { get => field ??= new(); init; }

    /// <summary>What was observed.</summary>
    public NodeStatus Status { get => field ??= new(); init; }

    /// <summary>Whether the condition Ready is True.</summary>
    [JsonIgnore]
    public bool IsReady => Status.Conditions.Any(condition => condition is { Type: "Ready", IsTrue: true });
}

/// <summary>What is set for a node.</summary>
public sealed record NodeSpec
{
    /// <summary>Whether it is cordoned.</summary>
    public bool? Unschedulable { get; init; }

    /// <summary>What keeps pods away.</summary>
    public IReadOnlyList<Taint> Taints { get => field ?? []; init; }

    /// <summary>Its name at the cloud.</summary>
    public string? ProviderID { get; init; }
}

/// <summary>A mark that keeps away pods which do not bear it.</summary>
public sealed record Taint
{
    /// <summary>Its key.</summary>
    public string Key { get => field ?? ""; init; }

    /// <summary>Its value.</summary>
    public string? Value { get; init; }

    /// <summary><c>NoSchedule</c>, <c>PreferNoSchedule</c> or <c>NoExecute</c>.</summary>
    public string Effect { get => field ?? ""; init; }

    /// <summary>Since when.</summary>
    public DateTimeOffset? TimeAdded { get; init; }
}

/// <summary>What was observed of a node.</summary>
public sealed record NodeStatus
{
    /// <summary>Its conditions.</summary>
    public IReadOnlyList<Condition> Conditions { get => field ?? []; init; }

    /// <summary>Its addresses.</summary>
    public IReadOnlyList<NodeAddress> Addresses { get => field ?? []; init; }

    /// <summary>What it has.</summary>
    public IReadOnlyDictionary<string, string> Capacity { get => field ?? ReadOnlyDictionary<string, string>.Empty; init; }

    /// <summary>What pods may use.</summary>
    public IReadOnlyDictionary<string, string> Allocatable { get => field ?? ReadOnlyDictionary<string, string>.Empty; init; }

    /// <summary>Its software.</summary>
    public NodeSystemInfo? NodeInfo { get; init; }
}

/// <summary>An address of a node.</summary>
public sealed record NodeAddress
{
    /// <summary>For example <c>InternalIP</c>.</summary>
    public string Type { get => field ?? ""; init; }

    /// <summary>The address.</summary>
    public string Address { get => field ?? ""; init; }
}

/// <summary>The software of a node.</summary>
public sealed record NodeSystemInfo
{
    /// <summary>Its kubelet.</summary>
    public string? KubeletVersion { get; init; }

    /// <summary>Its system.</summary>
    public string? OsImage { get; init; }

    /// <summary>Its kernel.</summary>
    public string? KernelVersion { get; init; }

    /// <summary>Its container runtime.</summary>
    public string? ContainerRuntimeVersion { get; init; }

    /// <summary>Its processor.</summary>
    public string? Architecture { get; init; }
}
