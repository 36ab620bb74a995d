using System.Text.Json;

namespace ChaosDrill.Kubernetes;

/// <summary>The kinds this room has records for, and a way to any other kind.</summary>
public static class Resources
{
    /// <summary>Pods.</summary>
    public static Resource<Pod> Pods { get; } = new("", "v1", "pods", "Pod", true, KubernetesJson.Default.Pod);

    /// <summary>Nodes.</summary>
    public static Resource<Node> Nodes { get; } = new("", "v1", "nodes", "Node", false, KubernetesJson.Default.Node);

    /// <summary>Namespaces.</summary>
    public static Resource<Namespace> Namespaces { get; } = new("", "v1", "namespaces", "Namespace", false, KubernetesJson.Default.Namespace);

    /// <summary>Services.</summary>
    public static Resource<Service> Services { get; } = new("", "v1", "services", "Service", true, KubernetesJson.Default.Service);

    /// <summary>Endpoint slices.</summary>
    public static Resource<EndpointSlice> EndpointSlices { get; } =
        new("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice", true, KubernetesJson.Default.EndpointSlice);

    /// <summary>Deployments.</summary>
    public static Resource<Deployment> Deployments { get; } = new("apps", "v1", "deployments", "Deployment", true, KubernetesJson.Default.Deployment);

    /// <summary>Replica sets.</summary>
    public static Resource<ReplicaSet> ReplicaSets { get; } = new("apps", "v1", "replicasets", "ReplicaSet", true, KubernetesJson.Default.ReplicaSet);

    /// <summary>Stateful sets.</summary>
    public static Resource<StatefulSet> StatefulSets { get; } = new("apps", "v1", "statefulsets", "StatefulSet", true, KubernetesJson.Default.StatefulSet);

    /// <summary>Daemon sets.</summary>
    public static Resource<DaemonSet> DaemonSets { get; } = new("apps", "v1", "daemonsets", "DaemonSet", true, KubernetesJson.Default.DaemonSet);

    /// <summary>Jobs.</summary>
    public static Resource<Job> Jobs { get; } = new("batch", "v1", "jobs", "Job", true, KubernetesJson.Default.Job);

    /// <summary>Events, as core/v1 serves them.</summary>
    public static Resource<Event> Events { get; } = new("", "v1", "events", "Event", true, KubernetesJson.Default.Event);

    /// <summary>Config maps.</summary>
    public static Resource<ConfigMap> ConfigMaps { get; } = new("", "v1", "configmaps", "ConfigMap", true, KubernetesJson.Default.ConfigMap);

    /// <summary>Secrets.</summary>
    public static Resource<Secret> Secrets { get; } = new("", "v1", "secrets", "Secret", true, KubernetesJson.Default.Secret);

    /// <summary>Service accounts.</summary>
    public static Resource<ServiceAccount> ServiceAccounts { get; } =
        new("", "v1", "serviceaccounts", "ServiceAccount", true, KubernetesJson.Default.ServiceAccount);

    /// <summary>Leases.</summary>
    public static Resource<Lease> Leases { get; } = new("coordination.k8s.io", "v1", "leases", "Lease", true, KubernetesJson.Default.Lease);

    /// <summary>Pod disruption budgets.</summary>
    public static Resource<PodDisruptionBudget> PodDisruptionBudgets { get; } =
        new("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", true, KubernetesJson.Default.PodDisruptionBudget);

    /// <summary>Persistent volume claims.</summary>
    public static Resource<PersistentVolumeClaim> PersistentVolumeClaims { get; } =
        new("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", true, KubernetesJson.Default.PersistentVolumeClaim);

    /// <summary>Any kind, whole, as JSON; <see cref="KubernetesClient.ResolveAsync"/> finds the plural of a kind.</summary>
    /// <param name="group">The API group; empty for the core group.</param>
    /// <param name="version">The version.</param>
    /// <param name="plural">The name in paths.</param>
    /// <param name="kind">The name in objects.</param>
    /// <param name="namespaced">Whether its objects live in namespaces.</param>
    /// <remarks>Objects of a list come without <c>kind</c> and <c>apiVersion</c>, as the server sends them.</remarks>
    public static Resource<JsonElement> Any(string group, string version, string plural, string kind, bool namespaced) =>
        new(group, version, plural, kind, namespaced, KubernetesJson.Default.JsonElement);
}
