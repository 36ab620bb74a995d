using ChaosDrill.Actions.Faults.NodeDrain;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Plans;

namespace ChaosDrill.Actions.Faults.Pods;

/// <summary>A pod as guards ask about it.</summary>
internal static class PodTouch
{
    private const string TemplateHash = "pod-template-hash";

    public static Touched Of(Pod pod) => new(TargetOf(pod))
    {
        Labels = pod.Metadata.Labels,
        Owner = OwnerOf(pod),
        IsReady = pod.IsReady,
        IsOfNode = DrainFilters.IsOfDaemonSet(pod) || DrainFilters.IsMirror(pod),
    };

    public static Target TargetOf(Pod pod) =>
        new("Pod", pod.Metadata.Namespace, pod.Metadata.Name!, pod.Metadata.Uid!, pod.Spec.NodeName is { } node ? $"on {node}" : null);

    /// <summary>The controller; for the replica sets of a deployment, which bear its hash in their names, the deployment.</summary>
    private static string? OwnerOf(Pod pod)
    {
        if (pod.Metadata.Controller is not { Kind: { } kind, Name: { } name })
        {
            return null;
        }

        var ns = pod.Metadata.Namespace;
        return kind == "ReplicaSet" && pod.Metadata.Labels.GetValueOrDefault(TemplateHash) is { Length: > 0 } hash && name.EndsWith("-" + hash, StringComparison.Ordinal)
            ? $"Deployment {ns}/{name[..^(hash.Length + 1)]}"
            : $"{kind} {ns}/{name}";
    }
}
