using System.Text.Json.Nodes;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Plans;

namespace ChaosDrill.Actions.Undos;

/// <summary>
/// Changes objects so that the way back is always known: it is on disk before the change, and on the object by the very
/// request that changes it. The mark on the object is the truth: without it there is nothing of the drill left to undo.
/// </summary>
internal static class MarkedChange
{
    /// <summary>Others write to the same object, a node's kubelet for one: look again this often before giving up.</summary>
    private const int Attempts = 20;

    /// <summary>Writes the way back down, then changes and marks the object in one request.</summary>
    /// <returns>The object as changed.</returns>
    public static async Task<JsonObject> MakeAsync(
        KubernetesClient client, Reversal reversal, string kind, string description, IFaultReport report, CancellationToken cancellationToken,
        Target? target = null)
    {
        var place = reversal.Place;
        var undo = report.RecordUndo(kind, description, reversal.ToJson().ToJsonString());
        report.Requested(target ?? place.Target);
        for (var attempt = 1; ; attempt++)
        {
            var found = await place.FindAsync(client, cancellationToken);
            if (found is null || UidOf(found) != place.Uid)
            {
                throw new ClusterException($"{place} is gone, or was created anew, since it was chosen");
            }

            if (reversal.Of(found) != Standing.Original)
            {
                throw new ClusterException($"{place} was changed by somebody since it was looked at: {reversal.Shown(found)}");
            }

            if (await TryPatchAsync(client, place, found, [.. UndoMark.Adding(found, undo), .. reversal.Forth(found)], attempt, cancellationToken) is { } changed)
            {
                report.Acknowledged(target ?? place.Target);
                return changed;
            }
        }
    }

    /// <summary>Marks an object whose change is made elsewhere, such as a node whose kubelet a command stops.</summary>
    public static async Task MarkAsync(KubernetesClient client, Place place, UndoRecord undo, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var found = await place.FindAsync(client, cancellationToken);
            if (found is null || UidOf(found) != place.Uid)
            {
                throw new ClusterException($"{place} is gone, or was created anew, since it was chosen");
            }

            if (await TryPatchAsync(client, place, found, UndoMark.Adding(found, undo), attempt, cancellationToken) is not null)
            {
                return;
            }
        }
    }

    /// <summary>Removes a mark, if the object is there and bears it.</summary>
    public static async Task UnmarkAsync(KubernetesClient client, Place place, UndoRecord undo, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var found = await place.FindAsync(client, cancellationToken);
            if (found is null || !UndoMark.Of(found).Any(u => UndoMark.IsSame(u, undo))
                || await TryPatchAsync(client, place, found, UndoMark.Removing(found, undo), attempt, cancellationToken) is not null)
            {
                return;
            }
        }
    }

    /// <summary>Takes a marked change back.</summary>
    /// <returns>What was done, in words.</returns>
    /// <exception cref="UndoRefusedException">Somebody else has changed the same thing meanwhile; theirs stays, the mark is removed.</exception>
    public static async Task<string> PutBackAsync(KubernetesClient client, Reversal reversal, UndoRecord undo, CancellationToken cancellationToken)
    {
        var place = reversal.Place;
        for (var attempt = 1; ; attempt++)
        {
            var found = await place.FindAsync(client, cancellationToken);
            if (found is null)
            {
                return $"{place} is gone: nothing to put back";
            }

            if (UidOf(found) != place.Uid)
            {
                return $"{place} was created anew meanwhile: nothing to put back";
            }

            if (!UndoMark.Of(found).Any(u => UndoMark.IsSame(u, undo)))
            {
                await reversal.TidyAsync(client, undo, cancellationToken);
                return $"{place} bears no mark of the drill: nothing to put back";
            }

            var standing = reversal.Of(found);
            IEnumerable<JsonPatchOperation> back = standing == Standing.Drill ? reversal.Back(found) : [];
            if (await TryPatchAsync(client, place, found, [.. back, .. UndoMark.Removing(found, undo)], attempt, cancellationToken) is not { } changed)
            {
                continue;
            }

            await reversal.TidyAsync(client, undo, cancellationToken);
            return standing switch
            {
                Standing.Drill => $"{place}: {reversal.Shown(changed)} again",
                Standing.Original => $"{place}: {reversal.Shown(changed)} already",
                _ => throw new UndoRefusedException(
                    $"{undo.Description}: somebody has changed {place} meanwhile; left as it is: {reversal.Shown(found)}"),
            };
        }
    }

    private static string? UidOf(JsonObject found) => (string?)found["metadata"]?["uid"];

    /// <summary>Patches exactly the version that was read; null when it was changed since.</summary>
    private static async Task<JsonObject?> TryPatchAsync(
        KubernetesClient client, Place place, JsonObject found, IEnumerable<JsonPatchOperation> operations, int attempt, CancellationToken cancellationToken)
    {
        var version = JsonPatchOperation.Test("/metadata/resourceVersion", (string)found["metadata"]!["resourceVersion"]!);
        try
        {
            var changed = await client.PatchAsync(place.Resource, place.Namespace, place.Name, Patch.Json([version, .. operations]), null, cancellationToken);
            return JsonObject.Create(changed)!;
        }
        catch (ApiException e) when (attempt < Attempts && (e.IsConflict || e.Code == 422))
        {
            // A failed test comes back as 422; the next look tells whether anything of ours was touched.
            return null;
        }
    }
}
