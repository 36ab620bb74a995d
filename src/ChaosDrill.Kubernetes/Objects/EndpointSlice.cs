namespace ChaosDrill.Kubernetes;

/// <summary>A part of the endpoints of a service. Partial: see <see cref="IKubernetesObject"/> before writing one back.</summary>
public sealed record EndpointSlice : IKubernetesObject
{
    /// <summary>Group and version.</summary>
    public string ApiVersion { get => field ?? "discovery.k8s.io/v1"; init; }

    /// <summary>Kind.</summary>
    public string Kind { get => field ?? "EndpointSlice"; init; }

    /// <inheritdoc/>
    public ObjectMeta Metadata { get => field ??= new(); init; }

    /// <summary>The label that names the service a slice belongs to.</summary>
    public const string ServiceNameLabel = "kubernetes.io/service-name";

    /// <summary><c>IPv4</c>, <c>IPv6</c> or <c>FQDN</c>.</summary>
    public string? AddressType { get; init; }

    /// <summary>Where traffic can go.</summary>
    public IReadOnlyList<Endpoint> Endpoints { get => field ?? []; init; }

    /// <summary>Its ports.</summary>
    public IReadOnlyList<EndpointPort> Ports { get => field ?? []; init; }
}

/// <summary>One place where traffic can go.</summary>
public sealed record Endpoint
{
    /// <summary>Its addresses.</summary>
    public IReadOnlyList<string> Addresses { get => field ?? []; init; }

    /// <summary>Its state.</summary>
    public EndpointConditions Conditions { get => field ??= new(); init; }

    /// <summary>Its pod.</summary>
    public ObjectReference? TargetRef { get; init; }

    /// <summary>Its node.</summary>
    public string? NodeName { get; init; }

    /// <summary>Its zone.</summary>
    public string? Zone { get; init; }
}

/// <summary>The state of an endpoint; null means unknown.</summary>
public sealed record EndpointConditions
{
    /// <summary>Whether it takes new traffic; null counts as true.</summary>
    public bool? Ready { get; init; }

    /// <summary>Whether it answers, even while terminating.</summary>
    public bool? Serving { get; init; }

    /// <summary>Whether it is being stopped.</summary>
    public bool? Terminating { get; init; }
}

/// <summary>A port of a slice.</summary>
public sealed record EndpointPort
{
    /// <summary>Its name.</summary>
    public string? Name { get; init; }

    /// <summary>Its number.</summary>
    public int? Port { get; init; }

    /// <summary><c>TCP</c>, <c>UDP</c> or <c>SCTP</c>.</summary>
    public string? Protocol { get; init; }
}
