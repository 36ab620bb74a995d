using ChaosDrill.Kubernetes;

namespace ChaosDrill.Actions.Faults.Pods;

/// <summary>Why a pod does not start, as its status says.</summary>
internal static class PodFailures
{
    private static readonly string[] Reasons = ["ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "CrashLoopBackOff"];

    /// <summary>The reason, such as <c>ErrImagePull</c> or <c>Unschedulable</c>; null when it has none.</summary>
    public static string? Of(Pod pod) =>
        pod.Status.ContainerStatuses.Select(c => c.State.Waiting?.Reason).FirstOrDefault(r => Reasons.Contains(r))
        ?? (pod.Status.Conditions.Any(c => c is { Type: "PodScheduled", Status: "False", Reason: "Unschedulable" }) ? "Unschedulable" : null);
}
