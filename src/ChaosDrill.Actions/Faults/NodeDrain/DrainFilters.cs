using ChaosDrill.Kubernetes;

namespace ChaosDrill.Actions.Faults.NodeDrain;

/// <summary>What becomes of one pod in a drain.</summary>
/// <param name="Delete">Whether it is evicted.</param>
/// <param name="Error">Why it forbids the drain, in kubectl's words; null when it does not.</param>
internal sealed record DrainRuling(bool Delete, string? Error)
{
    public static DrainRuling Evict { get; } = new(true, null);

    public static DrainRuling Skip { get; } = new(false, null);
}

/// <summary>The filters of <c>kubectl drain</c>, in its order and with its messages; the first that says no decides. Source: kubectl pkg/drain/filters.go.</summary>
internal static class DrainFilters
{
    public const string DaemonSet = "DaemonSet-managed Pods (use --ignore-daemonsets to ignore)";
    public const string LocalStorage = "Pods with local storage (use --delete-emptydir-data to override)";
    public const string Unmanaged = "Pods that declare no controller (use --force to override)";

    /// <summary>Rules on a pod.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="options">The drain's.</param>
    /// <param name="daemonSetExists">Whether the daemon set that controls the pod is there; read for those pods only.</param>
    public static DrainRuling Rule(Pod pod, NodeDrain options, bool daemonSetExists)
    {
        var finished = pod.Status.Phase is "Succeeded" or "Failed";
        if (IsOfDaemonSet(pod) && !finished)
        {
            if (!daemonSetExists)
            {
                return options.Force ? DrainRuling.Evict : new DrainRuling(false, DaemonSet);
            }

            return options.IgnoreDaemonSets ? DrainRuling.Skip : new DrainRuling(false, DaemonSet);
        }

        if (IsMirror(pod))
        {
            return DrainRuling.Skip;
        }

        if (!finished && !options.DeleteEmptyDirData && pod.Spec.Volumes.Any(v => v.EmptyDir is not null))
        {
            return new DrainRuling(false, LocalStorage);
        }

        return !finished && !options.Force && pod.Metadata.Controller is null ? new DrainRuling(false, Unmanaged) : DrainRuling.Evict;
    }

    public static bool IsMirror(Pod pod) => pod.Metadata.Annotations.ContainsKey("kubernetes.io/config.mirror");

    public static bool IsOfDaemonSet(Pod pod) => pod.Metadata.Controller is { Kind: "DaemonSet", ApiVersion: "apps/v1" };
}
