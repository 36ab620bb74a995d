using System.Text.Json.Nodes;
using ChaosDrill.Actions.Etcd.Client;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model;

namespace ChaosDrill.Actions.Etcd;

/// <summary>An etcd that a drill has lost, and its two ways back: the old data, and then the API servers.</summary>
/// <param name="Plant">The machines.</param>
/// <param name="Access">How its members are asked.</param>
/// <param name="Members">How many there were.</param>
/// <param name="Snapshot">What it is to be restored from.</param>
/// <param name="Bin">Folder of etcd's programs; null is PATH.</param>
internal sealed record EtcdLoss(EtcdPlant Plant, EtcdAccess Access, int Members, string Snapshot, string? Bin)
{
    /// <summary>The way back of the data.</summary>
    public const string DataUndo = "etcdDisaster";

    /// <summary>The way back of the API servers.</summary>
    public const string ApiUndo = "etcdApiServers";

    /// <summary>How long going back may take.</summary>
    public static readonly TimeSpan Within = TimeSpan.FromMinutes(10);

    /// <summary>The recorded way back of the data.</summary>
    public required UndoRecord Data { get; init; }

    /// <summary>The recorded way back of the API servers.</summary>
    public required UndoRecord Apis { get; init; }

    /// <summary>Whether it was restored from the snapshot and proved: the old data is not to come back any more.</summary>
    public bool IsRestored { get; set; }

    /// <summary>What has to be written down before anything is lost.</summary>
    public static string Payload(EtcdPlant plant, EtcdAccess access, int members) => new JsonObject
    {
        ["plant"] = plant.ToJson(),
        ["endpoints"] = new JsonArray([.. access.Endpoints.Select(e => (JsonNode)e)]),
        ["ca"] = access.CaFile,
        ["cert"] = access.CertFile,
        ["key"] = access.KeyFile,
        ["members"] = members,
        ["host"] = Environment.MachineName,
    }.ToJsonString();

    /// <summary>Goes one of the two ways back.</summary>
    /// <param name="undo">Which.</param>
    /// <param name="session">What this process knows; another process than the drill's knows nothing.</param>
    /// <param name="client">For the API servers.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public static async Task<string> GoAsync(UndoRecord undo, EtcdSession session, KubernetesClient client, CancellationToken cancellationToken)
    {
        var payload = JsonNode.Parse(undo.Payload)!;
        var ofTwin = (bool)payload["plant"]!["twin"]!;
        if (ofTwin && session.Twin is null)
        {
            return "the twin and its etcd ended with their process";
        }

        if (!ofTwin && (string)payload["host"]! != Environment.MachineName)
        {
            throw new ClusterException($"{undo.Description}: the commands for that are run on {payload["host"]}; run chaosdrill undo there");
        }

        var plant = EtcdPlant.FromJson(payload["plant"]!, session.Twin);
        if (undo.Kind == ApiUndo)
        {
            await plant.StartApisAsync(client, cancellationToken);
            return "the API servers run again";
        }

        if (session.Loss is { IsRestored: true } loss && loss.Data.Id == undo.Id)
        {
            return $"etcd was restored and proved; the old data still lies at {plant.Aside}";
        }

        await plant.PutBackAsync(client.Clock, cancellationToken);
        var access = new EtcdAccess(
            [.. payload["endpoints"]!.AsArray().Select(e => (string)e!)], (string?)payload["ca"], (string?)payload["cert"], (string?)payload["key"]);
        return await EtcdPlant.HealthyAsync(access, (int)payload["members"]!, Within / 2, client.Clock, cancellationToken) is null
            ? throw new ClusterException($"etcd's old data is back in its place, and its members are not healthy after {GoDuration.Format(Within / 2)}")
            : "etcd runs on its old data again";
    }
}
