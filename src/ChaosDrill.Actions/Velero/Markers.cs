using ChaosDrill.Actions.Restores.VeleroBackup;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;

namespace ChaosDrill.Actions.Velero;

/// <summary>The markers of one moment: an object, and files in volumes.</summary>
internal sealed record Markers(DrillMarker Object, IReadOnlyList<VolumeMarker> Files)
{
    /// <summary>Plants all of them.</summary>
    public static async Task<Markers> PlantAsync(
        KubernetesClient client, string ns, string moment, IReadOnlyList<VolumeMarkerPlace> places, IStepReport report, CancellationToken cancellationToken)
    {
        var marker = await DrillMarker.PlantAsync(client, ns, moment, report, cancellationToken);
        var files = new List<VolumeMarker>();
        foreach (var place in places)
        {
            files.Add(await VolumeMarker.PlantAsync(client, marker, place, moment, report, cancellationToken));
        }

        return new Markers(marker, files);
    }
}
