using System.Collections.ObjectModel;

namespace ChaosDrill.Kubernetes;

/// <summary>A service. Partial: see <see cref="IKubernetesObject"/> before writing one back.</summary>
public sealed record Service : IKubernetesObject
{
    /// <summary>Group and version.</summary>
    public string ApiVersion { get => field ?? "v1"; init; }

    /// <summary>Kind.</summary>
    public string Kind { get => field ?? "Service"; init; }

    /// <inheritdoc/>
    public ObjectMeta Metadata { get => field ??= new(); init; }

    /// <summary>What is wanted.</summary>
    public ServiceSpec Spec { get => field ??= new(); init; }
}

/// <summary>How a service is reached.</summary>
public sealed record ServiceSpec
{
    /// <summary>For example <c>ClusterIP</c>.</summary>
    public string? Type { get; init; }

    /// <summary>Its address in the cluster.</summary>
    public string? ClusterIP { get; init; }

    /// <summary>Its pods.</summary>
    public IReadOnlyDictionary<string, string> Selector { get => field ?? ReadOnlyDictionary<string, string>.Empty; init; }

    /// <summary>Its ports.</summary>
    public IReadOnlyList<ServicePort> Ports { get => field ?? []; init; }

    /// <summary>Whether pods get traffic before they are ready.</summary>
    public bool? PublishNotReadyAddresses { get; init; }
}

/// <summary>A port of a service.</summary>
public sealed record ServicePort
{
    /// <summary>Its name.</summary>
    public string? Name { get; init; }

    /// <summary>Its number.</summary>
    public int Port { get; init; }

    /// <summary>The port of its pods.</summary>
    public IntOrString? TargetPort { get; init; }

    /// <summary><c>TCP</c>, <c>UDP</c> or <c>SCTP</c>.</summary>
    public string? Protocol { get; init; }

    /// <summary>Its number on each node.</summary>
    public int? NodePort { get; init; }
}
