using System.Text.Json.Nodes;
using ChaosDrill.Actions.Locks;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;

namespace ChaosDrill.Actions.Undos;

/// <summary>Finds what drills left in a cluster, from the marks on the objects themselves.</summary>
internal static class Leftovers
{
    private static readonly Resource<System.Text.Json.JsonElement>[] Kinds =
    [
        Place.Nodes, Place.Pods, Place.Deployments, Place.StatefulSets, Place.ReplicaSets, Place.ResourceQuotas, Place.NetworkPolicies,
        Resources.Any("", "v1", "namespaces", "Namespace", namespaced: false),
        Resources.Any("", "v1", "configmaps", "ConfigMap", namespaced: true), Resources.Any("", "v1", "secrets", "Secret", namespaced: true),
    ];

    /// <summary>The ways back, of each drill the last change first, and expired locks last.</summary>
    public static async Task<IReadOnlyList<UndoRecord>> FindAsync(KubernetesClient client, CancellationToken cancellationToken)
    {
        var found = new List<UndoRecord>();
        foreach (var resource in Kinds)
        {
            foreach (var item in (await client.ListAsync(resource, null, null, cancellationToken)).Items)
            {
                found.AddRange(UndoMark.Of(JsonObject.Create(item)!));
            }
        }

        // The deployment controller copies marks to replica sets; each way is gone once.
        return
        [
            .. found.DistinctBy(u => (u.DrillId, u.Id)).OrderBy(u => u.DrillId, StringComparer.Ordinal).ThenByDescending(u => u.Id, StringComparer.Ordinal),
            .. await LeaseLock.ExpiredAsync(client, cancellationToken),
        ];
    }
}
