using System.Text.Json.Nodes;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;

namespace ChaosDrill.Actions.Undos;

/// <summary>
/// The deployment controller copies a deployment's annotations to its replica sets and never removes them there: our mark
/// would stay behind. Source: kubernetes/kubernetes pkg/controller/deployment/util, SetNewReplicaSetAnnotations.
/// </summary>
internal static class ReplicaSetTraces
{
    private static readonly TimeSpan ControllerLimit = TimeSpan.FromSeconds(10);

    /// <summary>Removes our mark from a deployment's replica sets, and those replica sets that the drill itself brought about.</summary>
    /// <param name="client">Asks and patches.</param>
    /// <param name="deployment">The deployment, put back already.</param>
    /// <param name="undo">The way back whose mark is removed.</param>
    /// <param name="isOfDrill">Whether a replica set exists through the drill alone.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task ClearAsync(
        KubernetesClient client, Place deployment, UndoRecord undo, Func<JsonObject, bool> isOfDrill, CancellationToken cancellationToken)
    {
        await ObservedAsync(client, deployment, cancellationToken);
        foreach (var item in (await client.ListAsync(Place.ReplicaSets, deployment.Namespace, null, cancellationToken)).Items)
        {
            var set = JsonObject.Create(item)!;
            var metadata = set["metadata"]!.AsObject();
            if (!(metadata["ownerReferences"] as JsonArray ?? []).Any(o => (string?)o?["uid"] == deployment.Uid))
            {
                continue;
            }

            var (name, uid) = ((string)metadata["name"]!, (string)metadata["uid"]!);
            try
            {
                if (isOfDrill(set))
                {
                    // Left in the history, the next kubectl rollout undo would roll back to what the drill broke.
                    await client.DeleteAsync(
                        Place.ReplicaSets, deployment.Namespace, name,
                        new DeleteOptions { PreconditionUid = uid, PropagationPolicy = PropagationPolicy.Background }, cancellationToken);
                }
                else if (UndoMark.Of(set).Any(u => UndoMark.IsSame(u, undo)))
                {
                    await client.PatchAsync(
                        Place.ReplicaSets, deployment.Namespace, name,
                        Patch.Json([JsonPatchOperation.Test("/metadata/uid", uid), .. UndoMark.Removing(set, undo)]), null, cancellationToken);
                }
            }
            catch (ApiException e) when (e.IsNotFound || e.IsConflict)
            {
                // Gone meanwhile, or under another hand: the traces of it are no harm.
            }
        }
    }

    /// <summary>Waits until the controller has seen the deployment without the mark; it would copy the mark once more.</summary>
    private static async Task ObservedAsync(KubernetesClient client, Place deployment, CancellationToken cancellationToken)
    {
        await Sighting.AroundAsync(
            client, Resources.Deployments, deployment.Namespace, new WatchOptions { FieldSelector = $"metadata.name={deployment.Name}" },
            e => e.Object is { } seen && seen.Status.ObservedGeneration >= seen.Metadata.Generation,
            () => Task.CompletedTask, ControllerLimit, cancellationToken);
    }
}
