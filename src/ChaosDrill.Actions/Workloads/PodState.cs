using ChaosDrill.Kubernetes;

namespace ChaosDrill.Actions.Workloads;

/// <summary>What matters of a pod for readiness.</summary>
internal sealed record PodState(
    string Name, string Uid, string? OwnerUid, string? Node, bool Started, bool Ready, bool Terminating, string? Waiting, long SeenAt)
{
    public static PodState Of(Pod pod, long seenAt) => new(
        pod.Metadata.Name ?? "",
        pod.Metadata.Uid ?? "",
        pod.Metadata.Controller?.Uid,
        pod.Spec.NodeName,
        pod.Spec.Containers.Count > 0
            && pod.Status.ContainerStatuses.Count >= pod.Spec.Containers.Count
            && pod.Status.ContainerStatuses.All(c => c.State.Running is not null),
        pod.IsReady && pod.Status.Phase is not ("Succeeded" or "Failed"),
        pod.IsTerminating,
        pod.Status.ContainerStatuses.Select(c => c.State.Waiting?.Reason).FirstOrDefault(r => r is not null and not ("ContainerCreating" or "PodInitializing")),
        seenAt);
}
