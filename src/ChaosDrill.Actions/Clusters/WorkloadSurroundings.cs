using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Clusters;

/// <summary>What a person has to type to look at a workload.</summary>
/// <param name="Selector">Label selector of its pods, such as <c>app=storefront</c>.</param>
/// <param name="Service">A service that selects its pods, the first by name; null when there is none.</param>
/// <param name="Nodes">Names of the cluster's nodes, in order.</param>
public sealed record WorkloadSurroundings(string Selector, string? Service, IReadOnlyList<string> Nodes)
{
    /// <summary>The first deployment of a namespace by name; null when it has none.</summary>
    /// <exception cref="ClusterException">The cluster cannot be asked.</exception>
    public static Task<WorkloadReference?> FirstAsync(KubernetesClient client, string ns, CancellationToken cancellationToken) =>
        ClusterFailure.Translate<WorkloadReference?>(async () =>
        {
            var deployments = await client.ListAsync(Resources.Deployments, ns, null, cancellationToken);
            var first = deployments.Items.Select(d => d.Metadata.Name).Order(StringComparer.Ordinal).FirstOrDefault();
            return first is null ? null : new WorkloadReference("deployment", first);
        });

    /// <summary>Reads them from a cluster.</summary>
    /// <returns>Null when there is no such workload.</returns>
    /// <exception cref="ClusterException">The cluster cannot be asked.</exception>
    public static Task<WorkloadSurroundings?> ReadAsync(KubernetesClient client, string ns, WorkloadReference workload, CancellationToken cancellationToken) =>
        ClusterFailure.Translate(async () =>
        {
            if (await WorkloadLookup.FindAsync(client, ns, workload, cancellationToken) is not { } found)
            {
                return null;
            }

            var labels = found.Selector.Split(',');
            var services = await client.ListAsync(Resources.Services, ns, null, cancellationToken);
            var nodes = await client.ListAsync(Resources.Nodes, null, null, cancellationToken);
            return new WorkloadSurroundings(
                found.Selector,
                services.Items.Where(s => s.Spec.Selector.Count > 0 && s.Spec.Selector.All(l => labels.Contains($"{l.Key}={l.Value}")))
                    .Select(s => s.Metadata.Name).Order(StringComparer.Ordinal).FirstOrDefault(),
                [.. nodes.Items.Select(n => n.Metadata.Name!).Order(StringComparer.Ordinal)]);
        });
}
