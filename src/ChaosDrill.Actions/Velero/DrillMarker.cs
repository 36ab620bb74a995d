using System.Text.Json.Nodes;
using ChaosDrill.Actions.Undos;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;

namespace ChaosDrill.Actions.Velero;

/// <summary>A config map of one run that nobody else can have written: whether a restore brings it back says what the restore was made of.</summary>
internal sealed record DrillMarker(string Namespace, string Name, string Secret)
{
    public const string UndoKind = "velero-marker";
    private const string Key = "run";
    private const string Prefix = "chaosdrill-marker-";

    /// <summary>Whether an object of a backup is a marker, of whichever run.</summary>
    public static bool Is(BackedUp item) => item.Resource == "configmaps" && item.Name.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>Plants a marker; its removal is written down first, on disk and on the marker itself.</summary>
    /// <param name="client">Writes it.</param>
    /// <param name="ns">Where.</param>
    /// <param name="moment">Before or after what.</param>
    /// <param name="report">Takes the way back.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public static async Task<DrillMarker> PlantAsync(KubernetesClient client, string ns, string moment, IStepReport report, CancellationToken cancellationToken)
    {
        var marker = new DrillMarker(ns, $"{Prefix}{moment}-{RunId.New()}", RunId.Secret());
        var undo = report.RecordUndo(UndoKind, $"remove marker {ns}/{marker.Name}", new JsonObject { ["namespace"] = ns, ["name"] = marker.Name }.ToJsonString());
        await client.CreateAsync(
            Resources.ConfigMaps, ns,
            new ConfigMap
            {
                Metadata = new ObjectMeta { Name = marker.Name, Namespace = ns, Annotations = new Dictionary<string, string> { [UndoMark.Annotation] = UndoMark.Text([undo]) } },
                Data = new Dictionary<string, string> { [Key] = marker.Secret },
            },
            null, cancellationToken);
        return marker;
    }

    /// <summary>Writes the way back from something else that this run planted on the marker, so that the cluster alone suffices to find it.</summary>
    public async Task AlsoMarkAsync(KubernetesClient client, UndoRecord undo, CancellationToken cancellationToken)
    {
        var maps = Resources.Any("", "v1", "configmaps", "ConfigMap", namespaced: true);
        var found = JsonObject.Create(await client.GetAsync(maps, Namespace, Name, cancellationToken))!;
        await client.PatchAsync(maps, Namespace, Name, Patch.Json([.. UndoMark.Adding(found, undo)]), null, cancellationToken);
    }

    /// <summary>Whether the marker is in a namespace with what it said; null when it is not there, false when it says something else.</summary>
    public async Task<bool?> IsInAsync(KubernetesClient client, string ns, CancellationToken cancellationToken) =>
        await client.FindAsync(Resources.ConfigMaps, ns, Name, cancellationToken) is not { } found ? null
            : found.Data.TryGetValue(Key, out var said) && said == Secret;

    /// <summary>Removes a marker, wherever a restore may have brought it to in its own namespace.</summary>
    public static async Task<string> RemoveAsync(KubernetesClient client, UndoRecord undo, CancellationToken cancellationToken)
    {
        var payload = JsonNode.Parse(undo.Payload)!;
        var (ns, name) = ((string)payload["namespace"]!, (string)payload["name"]!);
        try
        {
            await client.DeleteAsync(Resources.ConfigMaps, ns, name, null, cancellationToken);
            return $"marker {ns}/{name} removed";
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return $"marker {ns}/{name} is gone";
        }
    }
}
