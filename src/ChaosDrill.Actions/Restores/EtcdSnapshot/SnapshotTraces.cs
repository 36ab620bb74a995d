using System.Text.Json.Nodes;
using ChaosDrill.Actions.Etcd.Client;
using ChaosDrill.Engine.Ports;

namespace ChaosDrill.Actions.Restores.EtcdSnapshot;

/// <summary>What taking a snapshot leaves until it is tidied: two markers in etcd, an unfinished file here.</summary>
/// <param name="Access">Where the markers are.</param>
/// <param name="Before">Key of the marker that the snapshot must hold.</param>
/// <param name="After">Key of the marker that it must not hold.</param>
/// <param name="Unfinished">The file as long as it is not proved; etcdctl itself writes to it with <c>.part</c> behind.</param>
internal sealed record SnapshotTraces(EtcdAccess Access, string Before, string After, string Unfinished)
{
    public const string UndoKind = "etcdSnapshot";

    public string Payload => new JsonObject
    {
        ["endpoint"] = Access.Endpoints[0],
        ["ca"] = Access.CaFile,
        ["cert"] = Access.CertFile,
        ["key"] = Access.KeyFile,
        ["before"] = Before,
        ["after"] = After,
        ["unfinished"] = Unfinished,
        ["host"] = Environment.MachineName,
    }.ToJsonString();

    /// <summary>Takes them away.</summary>
    /// <returns>What was done.</returns>
    public static async Task<string> RemoveAsync(UndoRecord undo, TimeProvider clock, CancellationToken cancellationToken)
    {
        var payload = JsonNode.Parse(undo.Payload)!.AsObject();
        var unfinished = (string)payload["unfinished"]!;
        if ((string)payload["host"]! == Environment.MachineName && Directory.Exists(Path.GetDirectoryName(unfinished)))
        {
            File.Delete(unfinished);
            File.Delete(unfinished + ".part");
        }

        using var client = new EtcdClient(
            new EtcdAccess([(string)payload["endpoint"]!], (string?)payload["ca"], (string?)payload["cert"], (string?)payload["key"]), clock);
        foreach (var key in new[] { (string)payload["before"]!, (string)payload["after"]! })
        {
            await client.DeleteAsync(key, cancellationToken);
        }

        return $"the markers are out of etcd at {client.Endpoint}";
    }
}
