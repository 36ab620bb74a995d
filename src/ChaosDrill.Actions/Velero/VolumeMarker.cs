using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ChaosDrill.Actions.Restores.VeleroBackup;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;

namespace ChaosDrill.Actions.Velero;

/// <summary>A file of one run in a volume: whether a restore brings its bytes back says what no phase does.</summary>
/// <param name="Selector">Labels of the pods that mount the volume.</param>
/// <param name="Container">The container; null for a pod's only one.</param>
/// <param name="File">The whole path.</param>
/// <param name="Sha256">Of what is in it.</param>
internal sealed record VolumeMarker(string Selector, string? Container, string File, string Sha256)
{
    public const string UndoKind = "velero-volume-marker";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    /// <summary>Writes one, through to the disk; its removal is written down first, on disk and on the drill's other marker.</summary>
    /// <exception cref="ClusterException">It could not be written, so nothing would be proved by it.</exception>
    public static async Task<VolumeMarker> PlantAsync(
        KubernetesClient client, DrillMarker beside, VolumeMarkerPlace place, string moment, IStepReport report, CancellationToken cancellationToken)
    {
        var content = Encoding.ASCII.GetBytes(RunId.Secret());
        var marker = new VolumeMarker(place.Selector, place.Container, $"{place.Folder.TrimEnd('/')}/chaosdrill-marker-{moment}-{RunId.New()}", Convert.ToHexStringLower(SHA256.HashData(content)));
        var payload = new JsonObject { ["namespace"] = beside.Namespace, ["selector"] = marker.Selector, ["container"] = marker.Container, ["file"] = marker.File };
        var undo = report.RecordUndo(UndoKind, $"remove marker {marker.File} from a pod with {marker.Selector}", payload.ToJsonString(), Patience + TimeSpan.FromMinutes(1));
        await beside.AlsoMarkAsync(client, undo, cancellationToken);
        var answer = await new PodCommand(marker.Selector, marker.Container, "dd", $"of={marker.File}", "conv=fsync") { Input = content }.RunAsync(client, beside.Namespace, cancellationToken);
        return answer.ExitCode == 0 ? marker : throw new ClusterException(
            $"the marker {marker.File} could not be written: {answer.Trouble ?? answer.Ending}; the container needs dd, sha256sum and rm, and may have to be named");
    }

    /// <summary>Why no marker can be planted there; null when a claim is mounted there.</summary>
    public static async Task<string?> ObstacleAsync(KubernetesClient client, string ns, VolumeMarkerPlace place, CancellationToken cancellationToken)
    {
        if (await PodCommand.PodAsync(client, ns, place.Selector, cancellationToken) is not { } pod)
        {
            return $"no ready pod in namespace {ns} matches {place.Selector}";
        }

        var json = JsonObject.Create(await client.GetAsync(Resources.Any("", "v1", "pods", "Pod", namespaced: true), ns, pod.Metadata.Name!, cancellationToken))!["spec"]!;
        var containers = (json["containers"] as JsonArray ?? []).OfType<JsonObject>().Where(c => place.Container is null || (string?)c["name"] == place.Container).ToList();
        if (containers.Count != 1)
        {
            return containers.Count == 0 ? $"pod {pod.Metadata.Name} has no container {place.Container}" : $"pod {pod.Metadata.Name} has {containers.Count} containers: name one";
        }

        var mounts = (containers[0]["volumeMounts"] as JsonArray ?? []).OfType<JsonObject>().Where(m => $"{place.Folder.TrimEnd('/')}/".StartsWith($"{((string?)m["mountPath"])?.TrimEnd('/')}/", StringComparison.Ordinal));
        var volume = mounts.MaxBy(m => ((string?)m["mountPath"])?.Length ?? 0)?["name"];
        var claims = (json["volumes"] as JsonArray ?? []).OfType<JsonObject>().Where(v => v["persistentVolumeClaim"] is not null).Select(v => (string?)v["name"]);
        return claims.Contains((string?)volume) ? null : $"pod {pod.Metadata.Name} mounts no volume claim at {place.Folder}";
    }

    /// <summary>What its file says in a namespace: whether its bytes are there, false when it is not there or says something else, null when that cannot be known.</summary>
    public async Task<(bool? Held, string Evidence)> LookAsync(KubernetesClient client, string ns, CancellationToken cancellationToken) =>
        CheckRun.OfFile(Sha256, await new PodCommand(Selector, Container, "sha256sum", File).RunAsync(client, ns, cancellationToken));

    /// <summary>Removes one, from its own namespace.</summary>
    /// <exception cref="UndoRefusedException">No pod was ready to do it; says what a person does.</exception>
    public static async Task<string> RemoveAsync(KubernetesClient client, UndoRecord undo, CancellationToken cancellationToken)
    {
        var payload = JsonNode.Parse(undo.Payload)!;
        var (ns, selector, file) = ((string)payload["namespace"]!, (string)payload["selector"]!, (string)payload["file"]!);
        var begin = client.Clock.GetTimestamp();
        while (await client.FindAsync(Resources.Namespaces, null, ns, cancellationToken) is not null)
        {
            var answer = await new PodCommand(selector, (string?)payload["container"], "rm", "-f", file).RunAsync(client, ns, cancellationToken);
            if (answer.ExitCode == 0)
            {
                return $"marker {file} removed from the volume of {selector} in {ns}";
            }

            if (client.Clock.GetElapsedTime(begin) > Patience)
            {
                throw new UndoRefusedException($"marker {file} stays in the volume of {selector} in namespace {ns}: {answer.Trouble ?? answer.Ending}; remove it by hand: kubectl exec -n {ns} POD -- rm {file}");
            }

            await Task.Delay(Look, client.Clock, cancellationToken);
        }

        return $"marker {file} went with namespace {ns}";
    }
}
