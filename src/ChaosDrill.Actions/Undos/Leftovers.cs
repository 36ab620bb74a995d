using System.Text.Json.Nodes;
using ChaosDrill.Actions.Locks;
using ChaosDrill.Actions.Velero;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;

namespace ChaosDrill.Actions.Undos;

/// <summary>Finds what drills left in a cluster, from the marks on the objects themselves.</summary>
internal static class Leftovers
{
    /// <summary>Of these there are many, and no drill marks one.</summary>
    private static readonly string[] Unmarked = ["events", "leases", "endpoints", "endpointslices", "controllerrevisions"];

    /// <summary>The ways back, of each drill the last change first, and expired locks last.</summary>
    public static async Task<IReadOnlyList<UndoRecord>> FindAsync(KubernetesClient client, CancellationToken cancellationToken)
    {
        var found = new List<UndoRecord>();
        foreach (var resource in (await client.DiscoverObjectsAsync(cancellationToken)).Where(r => !Unmarked.Contains(r.Plural)))
        {
            foreach (var item in await ItemsAsync(client, resource, cancellationToken))
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

    /// <summary>All of a kind; none where the cluster has forgotten the kind, or keeps its backups from the caller.</summary>
    private static async Task<IReadOnlyList<System.Text.Json.JsonElement>> ItemsAsync(
        KubernetesClient client, Resource<System.Text.Json.JsonElement> resource, CancellationToken cancellationToken)
    {
        try
        {
            return (await client.ListAsync(resource, null, null, cancellationToken)).Items;
        }
        catch (ApiException e) when (e.IsNotFound || (e.IsForbidden && resource.Group == VeleroApi.Backups.Group))
        {
            // Who may not see backups cannot have deleted a namespace by them.
            return [];
        }
    }
}
