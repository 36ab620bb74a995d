using System.Text.Json.Nodes;
using ChaosDrill.Actions.Etcd.Client;
using ChaosDrill.Actions.Undos;
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

    /// <summary>What the mark in the cluster calls it.</summary>
    public const string Stopped = "etcd";

    /// <summary>How long going back may take.</summary>
    public static readonly TimeSpan Within = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan _sweepPatience = TimeSpan.FromSeconds(10);

    /// <summary>The recorded way back of the data.</summary>
    public required UndoRecord Data { get; init; }

    /// <summary>The recorded way back of the API servers.</summary>
    public required UndoRecord Apis { get; init; }

    /// <summary>Whether it was restored from the snapshot and proved: the old data is not to come back any more.</summary>
    public bool IsRestored { get; set; }

    /// <summary>What has to be written down before anything is lost.</summary>
    public static string Payload(string ns, EtcdPlant plant, EtcdAccess access, int members) => new JsonObject
    {
        ["namespace"] = ns,
        ["aside"] = plant.Aside,
        ["plant"] = plant.ToJson(),
        ["endpoints"] = new JsonArray([.. access.Endpoints.Select(e => (JsonNode)e)]),
        ["ca"] = access.CaFile,
        ["cert"] = access.CertFile,
        ["key"] = access.KeyFile,
        ["members"] = members,
        ["host"] = Environment.MachineName,
    }.ToJsonString();

    /// <summary>Marks etcd in the cluster as lost by a drill, as long as it holds anything; the mark goes with the way back of the API servers.</summary>
    public static Task MarkAsync(string ns, KubernetesClient client, UndoRecord apis, CancellationToken cancellationToken)
    {
        var payload = JsonNode.Parse(apis.Payload)!.AsObject();
        payload.Remove("plant");
        return new StopMark(ns, Stopped).MakeAsync(client, apis, payload, cancellationToken);
    }

    /// <summary>Goes one of the two ways back.</summary>
    /// <param name="undo">Which.</param>
    /// <param name="session">What this process knows; another process than the drill's knows nothing.</param>
    /// <param name="client">For the API servers.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public static async Task<string> GoAsync(UndoRecord undo, EtcdSession session, KubernetesClient client, CancellationToken cancellationToken)
    {
        var payload = JsonNode.Parse(undo.Payload)!;
        if (payload["plant"] is null)
        {
            return await SweepAsync(undo, payload, client, cancellationToken);
        }

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
            await new StopMark((string)payload["namespace"]!, Stopped).RemoveAsync(client, undo, cancellationToken);
            return "the API servers run again";
        }

        if (session.Loss is { IsRestored: true } loss && loss.Data.Id == undo.Id)
        {
            return $"etcd was restored and proved; the old data still lies at {plant.Aside}";
        }

        await plant.PutBackAsync(client.Clock, cancellationToken);
        return await EtcdPlant.HealthyAsync(AccessOf(payload), (int)payload["members"]!, Within / 2, client.Clock, cancellationToken) is null
            ? throw new ClusterException($"etcd's old data is back in its place, and its members are not healthy after {GoDuration.Format(Within / 2)}")
            : "etcd runs on its old data again";
    }

    /// <summary>What a sweep can do, which knows no commands: look whether all members are there, and say who knows more.</summary>
    private static async Task<string> SweepAsync(UndoRecord undo, JsonNode payload, KubernetesClient client, CancellationToken cancellationToken)
    {
        if (await EtcdPlant.HealthyAsync(AccessOf(payload), (int)payload["members"]!, _sweepPatience, client.Clock, cancellationToken) is null)
        {
            throw new UndoRefusedException(
                $"not every member of etcd can be asked from here, and those that are down may have their old data at {payload["aside"]}; only {payload["host"]}, which ran the drill, knows how to put it back; run there: chaosdrill undo");
        }

        await new StopMark((string)payload["namespace"]!, Stopped).RemoveAsync(client, undo, cancellationToken);
        return $"all {payload["members"]} members of etcd follow one leader, and the mark is removed; whether every API server runs, {payload["host"]} knows: chaosdrill undo there";
    }

    private static EtcdAccess AccessOf(JsonNode payload) =>
        new([.. payload["endpoints"]!.AsArray().Select(e => (string)e!)], (string?)payload["ca"], (string?)payload["cert"], (string?)payload["key"]);
}
