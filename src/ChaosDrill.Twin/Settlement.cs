using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin;

/// <summary>Whether everything that was asked for is there.</summary>
internal static class Settlement
{
    /// <summary>One phrase for each deployment that is not there yet.</summary>
    public static IEnumerable<string> Missing(ControlPlane plane)
    {
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
    }
}
