using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Reports.Playbooks;

/// <summary>What the commands of a playbook name: read from the cluster, so that they can be pasted as they are.</summary>
/// <param name="Cluster">The cluster that was looked at.</param>
/// <param name="Namespace">Namespace of the workload.</param>
/// <param name="Workload">The workload that the playbook is about.</param>
/// <param name="Selector">Label selector of its pods, such as <c>app=storefront</c>.</param>
/// <param name="Service">A service that selects its pods; null when there is none.</param>
/// <param name="Nodes">Names of the nodes, in order.</param>
/// <param name="Targets">What the scenario's faults would hit, without pods, whose names do not last.</param>
public sealed record ClusterNames(
    ClusterIdentity Cluster, string Namespace, WorkloadReference Workload, string Selector, string? Service,
    IReadOnlyList<string> Nodes, IReadOnlyList<Target> Targets);
