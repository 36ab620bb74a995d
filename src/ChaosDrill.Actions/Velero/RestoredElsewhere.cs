using System.Text.Json.Nodes;
using ChaosDrill.Actions.Clusters;
using ChaosDrill.Actions.Undos;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;

namespace ChaosDrill.Actions.Velero;

/// <summary>A lost namespace that is restored into another cluster, under its own name, for as long as the drill lasts.</summary>
/// <param name="Namespace">The namespace, the same in both clusters.</param>
/// <param name="Home">The namespace of the Velero server.</param>
/// <param name="Restore">The Restore object.</param>
/// <param name="Place">The other cluster.</param>
/// <remarks>
/// The drill makes the namespace itself, with its mark, before Velero restores into it. Only a namespace that bears the mark is
/// ever removed: under this name somebody else's may be there by then.
/// </remarks>
internal sealed record RestoredElsewhere(string Namespace, string Home, string Restore, OtherCluster Place)
{
    public const string UndoKind = "velero-elsewhere";

    /// <summary>How long the removal may take; a restore that still runs must have ended before.</summary>
    public static readonly TimeSpan RemovedWithin = TimeSpan.FromMinutes(10);

    public string Payload => Place.In(new JsonObject { ["namespace"] = Namespace, ["home"] = Home, ["restore"] = Restore }.ToJsonString());

    /// <summary>Makes the namespace with the labels and annotations that the backup has of it.</summary>
    /// <param name="client">Writes into the other cluster.</param>
    /// <param name="original">The backed-up namespace; null when the backup has none.</param>
    /// <param name="undo">The way back, written down before.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task MakeAsync(KubernetesClient client, JsonObject? original, UndoRecord undo, CancellationToken cancellationToken)
    {
        var annotations = original?["metadata"]?["annotations"]?.DeepClone() as JsonObject ?? [];
        annotations[UndoMark.Annotation] = UndoMark.Text([undo]);
        await ScratchNamespace.CreateAsync(client, VeleroApi.Namespaces, null, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = Namespace, ["labels"] = original?["metadata"]?["labels"]?.DeepClone(), ["annotations"] = annotations },
        }, cancellationToken);
    }

    /// <summary>Goes the way back: removes the namespace from the other cluster, if it is the drill's, with the restore and what is left of its volumes.</summary>
    /// <exception cref="UndoRefusedException">A namespace of that name is there that is not the drill's.</exception>
    public static async Task<string> RemoveAsync(KubernetesClient client, UndoRecord undo, CancellationToken cancellationToken)
    {
        var json = JsonNode.Parse(undo.Payload)!;
        var (ns, home, restore) = ((string)json["namespace"]!, (string)json["home"]!, (string)json["restore"]!);
        var api = new VeleroApi(client, home);
        if (await api.FindNamespaceAsync(ns, cancellationToken) is { } there && !UndoMark.Of(there).Any(u => UndoMark.IsSame(u, undo)))
        {
            if (await api.FindAsync(VeleroApi.Restores, restore, cancellationToken) is null)
            {
                return $"nothing was restored: namespace {ns} of the cluster at {client.Server} is somebody else's and was left alone";
            }

            throw new UndoRefusedException($"namespace {ns} of the cluster at {client.Server} does not bear this drill's mark: somebody else made it, and it was left alone. See what is in it, and delete restore {home}/{restore} by hand");
        }

        return await new ScratchNamespace(ns, home, restore).RemoveAsync(client, RemovedWithin, cancellationToken);
    }
}
