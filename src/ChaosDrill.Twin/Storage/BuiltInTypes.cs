namespace ChaosDrill.Twin.Storage;

/// <summary>The kinds that every twin serves, in the order in which a real server lists their groups.</summary>
internal static class BuiltInTypes
{
    public static readonly ResourceType PersistentVolumeClaims = Core("persistentvolumeclaims", "persistentvolumeclaim", "PersistentVolumeClaim") with
    {
        ShortNames = ["pvc"],
        Subresources = [SubresourceType.Status("PersistentVolumeClaim")],
    };

    public static readonly ResourceType PersistentVolumes = Core("persistentvolumes", "persistentvolume", "PersistentVolume") with
    {
        Namespaced = false,
        ShortNames = ["pv"],
        Subresources = [SubresourceType.Status("PersistentVolume")],
    };

    public static readonly ResourceType ConfigMaps = Core("configmaps", "configmap", "ConfigMap") with { ShortNames = ["cm"] };
    public static readonly ResourceType Endpoints = Core("endpoints", "endpoints", "Endpoints") with { ShortNames = ["ep"] };
    public static readonly ResourceType Events = Core("events", "event", "Event") with { ShortNames = ["ev"] };

    public static readonly ResourceType LimitRanges = Core("limitranges", "limitrange", "LimitRange") with { ShortNames = ["limits"] };

    public static readonly ResourceType Namespaces = Core("namespaces", "namespace", "Namespace") with
    {
        Namespaced = false,
        ShortNames = ["ns"],
        AnswersDeletesWithObject = true,
        Verbs = ["create", "delete", "get", "list", "patch", "update", "watch"],
        Subresources = [new("finalize", "Namespace", "update"), SubresourceType.Status("Namespace")],
    };

    public static readonly ResourceType Nodes = Core("nodes", "node", "Node") with
    {
        Namespaced = false,
        ShortNames = ["no"],
        Subresources = [SubresourceType.Status("Node")],
    };

    public static readonly ResourceType Pods = Core("pods", "pod", "Pod") with
    {
        ShortNames = ["po"],
        Categories = ["all"],
        CountsGenerations = true,
        AnswersDeletesWithObject = true,
        Subresources =
        [
            new("binding", "Binding", "create"),
            new("eviction", "Eviction", "create") { Group = "policy", Version = "v1" },
            new("exec", "PodExecOptions", "create", "get"),
            new("log", "Pod", "get"),
            new("proxy", "PodProxyOptions", "create", "delete", "get", "patch", "update"),
            SubresourceType.Status("Pod"),
        ],
    };

    public static readonly ResourceType ResourceQuotas = Core("resourcequotas", "resourcequota", "ResourceQuota") with
    {
        ShortNames = ["quota"],
        AnswersDeletesWithObject = true,
        Subresources = [SubresourceType.Status("ResourceQuota")],
    };

    public static readonly ResourceType Secrets = Core("secrets", "secret", "Secret");
    public static readonly ResourceType ServiceAccounts = Core("serviceaccounts", "serviceaccount", "ServiceAccount") with
    {
        ShortNames = ["sa"],
        AnswersDeletesWithObject = true,
        Subresources = [new("token", "TokenRequest", "create") { Group = "authentication.k8s.io", Version = "v1" }],
    };

    public static readonly ResourceType Services = Core("services", "service", "Service") with
    {
        ShortNames = ["svc"],
        Categories = ["all"],
        AnswersDeletesWithObject = true,
        Subresources = [new("proxy", "ServiceProxyOptions", "create", "delete", "get", "patch", "update"), SubresourceType.Status("Service")],
    };

    public static readonly ResourceType ControllerRevisions = Named("apps", "v1", "controllerrevisions", "controllerrevision", "ControllerRevision");
    public static readonly ResourceType DaemonSets = Apps("daemonsets", "daemonset", "DaemonSet") with { ShortNames = ["ds"], Subresources = [SubresourceType.Status("DaemonSet")] };
    public static readonly ResourceType Deployments = Apps("deployments", "deployment", "Deployment") with { ShortNames = ["deploy"] };
    public static readonly ResourceType ReplicaSets = Apps("replicasets", "replicaset", "ReplicaSet") with { ShortNames = ["rs"] };

    public static readonly ResourceType StatefulSets = Apps("statefulsets", "statefulset", "StatefulSet") with { ShortNames = ["sts"] };

    public static readonly ResourceType Jobs = Named("batch", "v1", "jobs", "job", "Job") with
    {
        Categories = ["all"],
        CountsGenerations = true,
        Subresources = [SubresourceType.Status("Job")],
    };

    public static readonly ResourceType CronJobs = Named("batch", "v1", "cronjobs", "cronjob", "CronJob") with
    {
        ShortNames = ["cj"],
        Categories = ["all"],
        CountsGenerations = true,
        Subresources = [SubresourceType.Status("CronJob")],
    };

    public static readonly ResourceType Ingresses = Named("networking.k8s.io", "v1", "ingresses", "ingress", "Ingress") with
    {
        ShortNames = ["ing"],
        CountsGenerations = true,
        Subresources = [SubresourceType.Status("Ingress")],
    };

    public static readonly ResourceType NetworkPolicies = Named("networking.k8s.io", "v1", "networkpolicies", "networkpolicy", "NetworkPolicy") with
    {
        ShortNames = ["netpol"],
        CountsGenerations = true,
    };

    public static readonly ResourceType PodDisruptionBudgets = Named("policy", "v1", "poddisruptionbudgets", "poddisruptionbudget", "PodDisruptionBudget") with
    {
        ShortNames = ["pdb"],
        CountsGenerations = true,
        Subresources = [SubresourceType.Status("PodDisruptionBudget")],
    };

    public static readonly ResourceType PriorityClasses = Named("scheduling.k8s.io", "v1", "priorityclasses", "priorityclass", "PriorityClass") with { Namespaced = false, ShortNames = ["pc"] };

    public static readonly ResourceType ClusterRoleBindings = Rbac("clusterrolebindings", "clusterrolebinding", "ClusterRoleBinding") with { Namespaced = false };
    public static readonly ResourceType ClusterRoles = Rbac("clusterroles", "clusterrole", "ClusterRole") with { Namespaced = false };
    public static readonly ResourceType RoleBindings = Rbac("rolebindings", "rolebinding", "RoleBinding");
    public static readonly ResourceType Roles = Rbac("roles", "role", "Role");

    public static readonly ResourceType Leases = Named("coordination.k8s.io", "v1", "leases", "lease", "Lease");
    public static readonly ResourceType EndpointSlices = Named("discovery.k8s.io", "v1", "endpointslices", "endpointslice", "EndpointSlice") with { CountsGenerations = true };

    public static readonly ResourceType[] All =
    [
        ConfigMaps, Endpoints, Events, LimitRanges, Namespaces, Nodes, PersistentVolumeClaims, PersistentVolumes, Pods, ResourceQuotas, Secrets, ServiceAccounts, Services,
        ControllerRevisions, DaemonSets, Deployments, ReplicaSets, StatefulSets,
        Review("authentication.k8s.io", "selfsubjectreviews", "selfsubjectreview", "SelfSubjectReview"),
        Review("authorization.k8s.io", "localsubjectaccessreviews", "localsubjectaccessreview", "LocalSubjectAccessReview") with { Namespaced = true },
        Review("authorization.k8s.io", "selfsubjectaccessreviews", "selfsubjectaccessreview", "SelfSubjectAccessReview"),
        Review("authorization.k8s.io", "selfsubjectrulesreviews", "selfsubjectrulesreview", "SelfSubjectRulesReview"),
        Review("authorization.k8s.io", "subjectaccessreviews", "subjectaccessreview", "SubjectAccessReview"),
        CronJobs, Jobs, Ingresses, NetworkPolicies, PodDisruptionBudgets, ClusterRoleBindings, ClusterRoles, RoleBindings, Roles, PriorityClasses, Leases, EndpointSlices,
    ];

    private static ResourceType Named(string group, string version, string plural, string singular, string kind) =>
        new() { Group = group, Version = version, Plural = plural, Singular = singular, Kind = kind };

    private static ResourceType Core(string plural, string singular, string kind) => Named("", "v1", plural, singular, kind);

    private static ResourceType Apps(string plural, string singular, string kind) => Named("apps", "v1", plural, singular, kind) with
    {
        Categories = ["all"],
        CountsGenerations = true,
        Subresources = [SubresourceType.Scale(), SubresourceType.Status(kind)],
    };

    private static ResourceType Rbac(string plural, string singular, string kind) => Named("rbac.authorization.k8s.io", "v1", plural, singular, kind);

    private static ResourceType Review(string group, string plural, string singular, string kind) =>
        Named(group, "v1", plural, singular, kind) with { Namespaced = false, Verbs = ["create"], Virtual = true };
}
