using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;
using ChaosDrill.Twin.Velero;

namespace ChaosDrill.Twin;

/// <summary>Whether everything that was asked for is there.</summary>
internal static class Settlement
{
    /// <summary>One phrase for each deployment, stateful set, daemon set and backup that is not there yet.</summary>
    public static IEnumerable<string> Missing(ControlPlane plane)
    {
        if (plane.Catalog.ByKind("velero.io/v1", "Backup") is { } backups)
        {
            foreach (var backup in plane.Store.List(backups).Where(b => !VeleroServer.IsDone(b)))
            {
                yield return $"backup {backup.Name} is {backup.Status.Str("phase") ?? "New"}";
            }
        }

        foreach (var deployment in plane.Store.List(BuiltInTypes.Deployments))
        {
            var status = deployment.Status;
            var wanted = deployment.Spec.Int("replicas") ?? 1;
            var observed = status.Int("observedGeneration") ?? 0;
            if (observed < (deployment.Metadata.Int("generation") ?? 1) || (status.Int("updatedReplicas") ?? 0) != wanted ||
                (status.Int("availableReplicas") ?? 0) != wanted || (status.Int("replicas") ?? 0) != wanted)
            {
                yield return $"deployment {deployment.Namespace}/{deployment.Name} has {status.Int("availableReplicas") ?? 0} of {wanted} available";
            }
        }

        foreach (var set in plane.Store.List(BuiltInTypes.StatefulSets))
        {
            var wanted = set.Spec.Int("replicas") ?? 1;
            if (IsBehind(set) || (set.Status.Int("availableReplicas") ?? 0) != wanted || (set.Status.Int("updatedReplicas") ?? 0) != wanted)
            {
                yield return $"stateful set {set.Namespace}/{set.Name} has {set.Status.Int("availableReplicas") ?? 0} of {wanted} available";
            }
        }

        foreach (var set in plane.Store.List(BuiltInTypes.DaemonSets))
        {
            var wanted = set.Status.Int("desiredNumberScheduled") ?? 0;
            if (IsBehind(set) || (set.Status.Int("numberAvailable") ?? 0) != wanted || (set.Status.Int("updatedNumberScheduled") ?? 0) != wanted)
            {
                yield return $"daemon set {set.Namespace}/{set.Name} has {set.Status.Int("numberAvailable") ?? 0} of {wanted} available";
            }
        }
    }

    private static bool IsBehind(StoredObject stored) => (stored.Status.Int("observedGeneration") ?? 0) < (stored.Metadata.Int("generation") ?? 1);
}
