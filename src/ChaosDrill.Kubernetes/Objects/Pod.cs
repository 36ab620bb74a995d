using System.Collections.ObjectModel;
using System.Text.Json;

namespace ChaosDrill.Kubernetes;

/// <summary>A pod. Partial: see <see cref="IKubernetesObject"/> before writing one back.</summary>
public sealed record Pod : IKubernetesObject
{
    /// <summary>Group and version.</summary>
    public string ApiVersion { get => field ?? "v1"; init; }

    /// <summary>Kind.</summary>
    public string Kind { get => field ?? "Pod"; init; }

    /// <inheritdoc/>
    public ObjectMeta Metadata { get => field ??= new(); init; }

    /// <summary>What is wanted.</summary>
    public PodSpec Spec { get => field ??= new(); init; }

    /// <summary>What was observed.</summary>
    public PodStatus Status { get => field ??= new(); init; }

    /// <summary>Whether the condition Ready is True; the phase says nothing about it.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsReady => Status.Conditions.Any(condition => condition is { Type: "Ready", IsTrue: true });

    /// <summary>Whether its deletion was requested.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsTerminating => Metadata.DeletionTimestamp is not null;
}

/// <summary>What a pod should run, and where.</summary>
public sealed record PodSpec
{
    /// <summary>The node it is bound to; null until scheduled.</summary>
    public string? NodeName { get; init; }

    /// <summary>Its containers.</summary>
    public IReadOnlyList<Container> Containers { get => field ?? []; init; }

    /// <summary>Containers that run before the others.</summary>
    public IReadOnlyList<Container> InitContainers { get => field ?? []; init; }

    /// <summary>Its volumes.</summary>
    public IReadOnlyList<Volume> Volumes { get => field ?? []; init; }

    /// <summary>Taints it bears.</summary>
    public IReadOnlyList<Toleration> Tolerations { get => field ?? []; init; }

    /// <summary>What it wants to be near to, and far from.</summary>
    public Affinity? Affinity { get; init; }

    /// <summary>How it is to be spread over the nodes.</summary>
    public IReadOnlyList<TopologySpreadConstraint> TopologySpreadConstraints { get => field ?? []; init; }

    /// <summary>Labels that its node must have.</summary>
    public IReadOnlyDictionary<string, string> NodeSelector { get => field ?? ReadOnlyDictionary<string, string>.Empty; init; }

    /// <summary>How long a graceful stop may take, in seconds.</summary>
    public long? TerminationGracePeriodSeconds { get; init; }

    /// <summary><c>Always</c>, <c>OnFailure</c> or <c>Never</c>.</summary>
    public string? RestartPolicy { get; init; }

    /// <summary>The account it runs as.</summary>
    public string? ServiceAccountName { get; init; }

    /// <summary>The name of its priority.</summary>
    public string? PriorityClassName { get; init; }

    /// <summary>Whether it shares its node's network.</summary>
    public bool? HostNetwork { get; init; }
}

/// <summary>One container of a pod.</summary>
public sealed record Container
{
    /// <summary>Its name.</summary>
    public string Name { get => field ?? ""; init; }

    /// <summary>Its image.</summary>
    public string? Image { get; init; }

    /// <summary>Its program.</summary>
    public IReadOnlyList<string> Command { get => field ?? []; init; }

    /// <summary>Its program's arguments.</summary>
    public IReadOnlyList<string> Args { get => field ?? []; init; }

    /// <summary>Its ports.</summary>
    public IReadOnlyList<ContainerPort> Ports { get => field ?? []; init; }

    /// <summary>Its environment.</summary>
    public IReadOnlyList<EnvironmentVariable> Env { get => field ?? []; init; }

    /// <summary>What it asks for and may use.</summary>
    public ResourceRequirements Resources { get => field ??= new(); init; }

    /// <summary>The check that decides whether it gets traffic.</summary>
    public ContainerProbe? ReadinessProbe { get; init; }

    /// <summary>The check that decides whether it is restarted.</summary>
    public ContainerProbe? LivenessProbe { get; init; }

    /// <summary>The check that must pass before the others begin.</summary>
    public ContainerProbe? StartupProbe { get; init; }

    /// <summary><c>Always</c> makes an init container a sidecar.</summary>
    public string? RestartPolicy { get; init; }
}

/// <summary>A port of a container.</summary>
public sealed record ContainerPort
{
    /// <summary>Its name.</summary>
    public string? Name { get; init; }

    /// <summary>Its number; the member's name is <c>containerPort</c>.</summary>
    [System.Text.Json.Serialization.JsonPropertyName("containerPort")]
    public int? Port { get; init; }

    /// <summary><c>TCP</c>, <c>UDP</c> or <c>SCTP</c>.</summary>
    public string? Protocol { get; init; }
}

/// <summary>An environment variable with a literal value; values from elsewhere read as null.</summary>
public sealed record EnvironmentVariable
{
    /// <summary>Its name.</summary>
    public string Name { get => field ?? ""; init; }

    /// <summary>Its value.</summary>
    public string? Value { get; init; }
}

/// <summary>Quantities as Kubernetes writes them, for example <c>100m</c> or <c>64Mi</c>.</summary>
public sealed record ResourceRequirements
{
    /// <summary>What is set aside.</summary>
    public IReadOnlyDictionary<string, string> Requests { get => field ?? ReadOnlyDictionary<string, string>.Empty; init; }

    /// <summary>What may be used.</summary>
    public IReadOnlyDictionary<string, string> Limits { get => field ?? ReadOnlyDictionary<string, string>.Empty; init; }
}

/// <summary>A check of a container by its kubelet.</summary>
public sealed record ContainerProbe
{
    /// <summary>By an HTTP request.</summary>
    public HttpGetAction? HttpGet { get; init; }

    /// <summary>By a connection.</summary>
    public TcpSocketAction? TcpSocket { get; init; }

    /// <summary>Seconds before the first check.</summary>
    public int? InitialDelaySeconds { get; init; }

    /// <summary>Seconds between checks.</summary>
    public int? PeriodSeconds { get; init; }

    /// <summary>Seconds one check may take.</summary>
    public int? TimeoutSeconds { get; init; }

    /// <summary>Successes in a row that count as success.</summary>
    public int? SuccessThreshold { get; init; }

    /// <summary>Failures in a row that count as failure.</summary>
    public int? FailureThreshold { get; init; }
}

/// <summary>A check by HTTP.</summary>
public sealed record HttpGetAction
{
    /// <summary>The path.</summary>
    public string? Path { get; init; }

    /// <summary>The port, by number or name.</summary>
    public IntOrString? Port { get; init; }

    /// <summary><c>HTTP</c> or <c>HTTPS</c>.</summary>
    public string? Scheme { get; init; }
}

/// <summary>A check by connecting.</summary>
public sealed record TcpSocketAction
{
    /// <summary>The port, by number or name.</summary>
    public IntOrString? Port { get; init; }
}

/// <summary>A volume; its source is kept only where drills ask for it.</summary>
public sealed record Volume
{
    /// <summary>Its name.</summary>
    public string Name { get => field ?? ""; init; }

    /// <summary>Present for a scratch directory that dies with the pod.</summary>
    public JsonElement? EmptyDir { get; init; }

    /// <summary>Present for a directory of the node.</summary>
    public JsonElement? HostPath { get; init; }

    /// <summary>Present for a claim.</summary>
    public PersistentVolumeClaimSource? PersistentVolumeClaim { get; init; }
}

/// <summary>A volume taken from a claim.</summary>
public sealed record PersistentVolumeClaimSource
{
    /// <summary>The claim's name.</summary>
    public string? ClaimName { get; init; }
}

/// <summary>A taint that a pod bears.</summary>
public sealed record Toleration
{
    /// <summary>The taint's key; null bears all.</summary>
    public string? Key { get; init; }

    /// <summary><c>Exists</c> or <c>Equal</c>.</summary>
    public string? Operator { get; init; }

    /// <summary>The taint's value.</summary>
    public string? Value { get; init; }

    /// <summary>The taint's effect; null means each.</summary>
    public string? Effect { get; init; }

    /// <summary>For how many seconds; null means for ever.</summary>
    public long? TolerationSeconds { get; init; }
}
