using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Api;

/// <summary>What a DELETE does: preconditions, grace, finalizers, and at last the removal.</summary>
internal sealed class Deletion(ControlPlane plane)
{
    /// <param name="Object">The object as the deletion left it.</param>
    /// <param name="Gone">True when it was removed at once.</param>
    internal sealed record Result(StoredObject Object, bool Gone);

    public Result Delete(StoredObject current, JsonObject options, bool dryRun)
    {
        CheckPreconditions(current, options);
        var grace = Grace(current, options.Int("gracePeriodSeconds"));
        var json = current.Json.Copy();
        var metadata = json.Meta();
        var finalizers = AdjustFinalizers(current, options, metadata);
        var stays = finalizers || grace > 0 || HasOwnFinalizers(current);
        if (current.IsDeleting)
        {
            var had = current.Metadata.Int("deletionGracePeriodSeconds") ?? 0;
            if (stays && grace >= had && JsonNode.DeepEquals(json, current.Json))
            {
                return new(current, false);
            }

            if (grace < had)
            {
                Mark(metadata, grace);
            }
        }
        else if (stays || current.Type == BuiltInTypes.Pods)
        {
            Mark(metadata, grace);
            if (current.Type == BuiltInTypes.Namespaces)
            {
                metadata.Remove("deletionGracePeriodSeconds");
                json.Child("status")["phase"] = "Terminating";
            }

            if (current.Type.CountsGenerations)
            {
                metadata["generation"] = (metadata.Int("generation") ?? 0) + 1;
            }
        }

        if (dryRun)
        {
            return new(new StoredObject(current.Type, json, current.Version), !stays);
        }

        // A pod is seen to be marked before it is seen to be gone, even without any grace: that is what the server does.
        var marked = JsonNode.DeepEquals(json, current.Json) ? current : plane.Store.Replace(current, json);
        return stays ? new(marked, false) : new(plane.Store.Remove(marked), true);
    }

    /// <summary>Whether an object that is being deleted has nothing left to wait for.</summary>
    public static bool IsFinished(StoredObject stored) =>
        stored.IsDeleting && stored.Metadata.Arr("finalizers") is not { Count: > 0 } &&
        (stored.Metadata.Int("deletionGracePeriodSeconds") ?? 0) == 0 && !HasOwnFinalizers(stored);

    private static bool HasOwnFinalizers(StoredObject stored) =>
        stored.Type == BuiltInTypes.Namespaces && stored.Spec.Arr("finalizers") is { Count: > 0 };

    private void Mark(JsonObject metadata, long grace)
    {
        metadata["deletionTimestamp"] = Timestamps.Seconds(plane.Now.AddSeconds(grace));
        metadata["deletionGracePeriodSeconds"] = grace;
    }

    private static long Grace(StoredObject current, long? asked)
    {
        if (current.Type != BuiltInTypes.Pods)
        {
            return 0;
        }

        // Nothing runs yet, or nothing runs any more: there is nothing to wait for.
        if (current.Spec.Str("nodeName") is not { Length: > 0 } || current.Status.Str("phase") is "Succeeded" or "Failed")
        {
            return 0;
        }

        return Math.Max(0, asked ?? current.Spec.Int("terminationGracePeriodSeconds") ?? 30);
    }

    /// <summary>Adds or drops the finalizers by which the garbage collector is asked to act; true when any finalizer is left.</summary>
    private static bool AdjustFinalizers(StoredObject current, JsonObject options, JsonObject metadata)
    {
        var policy = options.Str("propagationPolicy") ?? (options.Bool("orphanDependents") switch { true => "Orphan", false => "Background", _ => null });
        var finalizers = metadata.Arr("finalizers").Strings().ToList();
        if (policy is not null)
        {
            finalizers.RemoveAll(f => f is "foregroundDeletion" or "orphan");
            switch (policy)
            {
                case "Foreground":
                    finalizers.Add("foregroundDeletion");
                    break;
                case "Orphan":
                    finalizers.Add("orphan");
                    break;
                case "Background":
                    break;
                default:
                    throw Failure.Of(422, "Invalid", $"DeleteOptions.meta.k8s.io \"\" is invalid: propagationPolicy: Invalid value: \"{policy}\": must be one of: Foreground, Background, Orphan, nil",
                        new JsonObject { ["group"] = "meta.k8s.io", ["kind"] = "DeleteOptions" });
            }

            if (finalizers.Count == 0)
            {
                metadata.Remove("finalizers");
            }
            else
            {
                metadata["finalizers"] = JsonReading.ToArray(finalizers.Select(f => (JsonNode)f!));
            }
        }

        return finalizers.Count > 0;
    }

    private static void CheckPreconditions(StoredObject current, JsonObject options)
    {
        var wanted = options.Obj("preconditions");
        if (wanted.Str("uid") is { } uid && uid != current.Uid)
        {
            throw Failure.UidPrecondition(current.Type, current.Name, uid, current.Uid);
        }

        var version = current.Metadata.Str("resourceVersion")!;
        if (wanted.Str("resourceVersion") is { } asked && asked != version)
        {
            throw Failure.VersionPrecondition(current.Type, current.Name, asked, version);
        }
    }
}
