using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Clusters;

/// <summary>Finds a workload of whatever kind.</summary>
internal static class WorkloadLookup
{
    /// <summary>Uid, replicas and pod selector of a workload; null when there is none, or it is being deleted.</summary>
    public static async Task<FoundWorkload?> FindAsync(
        KubernetesClient client, string ns, WorkloadReference workload, CancellationToken cancellationToken)
    {
        switch (workload.Kind)
        {
            case "deployment":
                return await client.FindAsync(Resources.Deployments, ns, workload.Name, cancellationToken) is { } deployment
                    ? Found(deployment.Metadata, deployment.Spec.Replicas ?? 1, deployment.Spec.Selector)
                    : null;
            case "statefulset":
                return await client.FindAsync(Resources.StatefulSets, ns, workload.Name, cancellationToken) is { } stateful
                    ? Found(stateful.Metadata, stateful.Spec.Replicas ?? 1, stateful.Spec.Selector)
                    : null;
            case "daemonset":
                return await client.FindAsync(Resources.DaemonSets, ns, workload.Name, cancellationToken) is { } daemon
                    ? Found(daemon.Metadata, daemon.Status.DesiredNumberScheduled, daemon.Spec.Selector)
                    : null;
            case "replicaset":
                return await client.FindAsync(Resources.ReplicaSets, ns, workload.Name, cancellationToken) is { } replicaSet
                    ? Found(replicaSet.Metadata, replicaSet.Spec.Replicas ?? 1, replicaSet.Spec.Selector)
                    : null;
            default:
                throw new ArgumentOutOfRangeException(nameof(workload), workload.ToString());
        }
    }

    private static FoundWorkload? Found(ObjectMeta metadata, int desired, LabelSelector selector) =>
        metadata.DeletionTimestamp is null ? new FoundWorkload(metadata.Uid ?? "", desired, selector.ToString(), metadata.Labels) : null;
}

/// <summary>What is needed of a workload to count its pods.</summary>
internal sealed record FoundWorkload(string Uid, int Desired, string Selector, IReadOnlyDictionary<string, string> Labels);
