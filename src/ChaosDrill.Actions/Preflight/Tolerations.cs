using ChaosDrill.Kubernetes;

namespace ChaosDrill.Actions.Preflight;

/// <summary>Whether pods bear taints. Source: kubernetes/kubernetes core/v1 Toleration.ToleratesTaint.</summary>
internal static class Tolerations
{
    public static bool Bear(Pod pod, string key, string? value, string effect) => pod.Spec.Tolerations.Any(t =>
        (t.Effect is null or "" || t.Effect == effect)
        && (t.Key is null or "" ? t.Operator == "Exists" : t.Key == key && (t.Operator == "Exists" || (t.Value ?? "") == (value ?? ""))));
}
