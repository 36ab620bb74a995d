using System.Text.Json.Nodes;
using ChaosDrill.Actions.Etcd;
using ChaosDrill.Actions.Etcd.Client;
using ChaosDrill.Actions.Programs;
using ChaosDrill.Actions.Undos;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;

namespace ChaosDrill.Actions.Faults.EtcdKill;

/// <summary>The way back from a member of etcd that was ended: it is started first, and then the mark in the cluster is removed.</summary>
/// <param name="Namespace">Where the mark is.</param>
/// <param name="Member">Name of the member.</param>
/// <param name="Id">Its id, in hexadecimal digits.</param>
/// <param name="IsTwin">Whether it is a process of the twin.</param>
/// <param name="Start">The command that starts it elsewhere; null in the cluster's own mark, which must not make anybody's machine run anything.</param>
/// <param name="Access">Where it is asked.</param>
internal sealed record StoppedMember(string Namespace, string Member, string Id, bool IsTwin, HostCommand? Start, EtcdAccess Access)
{
    public const string UndoKind = "etcdMember";

    /// <summary>How long it may take to be back.</summary>
    private static readonly TimeSpan _backLimit = TimeSpan.FromSeconds(50);

    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(100);

    private StopMark Mark => new(Namespace, "etcd-" + Id);

    public JsonObject ToJson() => new()
    {
        ["namespace"] = Namespace,
        ["member"] = Member,
        ["id"] = Id,
        ["twin"] = IsTwin,
        ["start"] = Start?.ToJson(),
        ["endpoint"] = Access.Endpoints[0],
        ["ca"] = Access.CaFile,
        ["cert"] = Access.CertFile,
        ["key"] = Access.KeyFile,
        ["host"] = Environment.MachineName,
    };

    public static StoppedMember FromJson(JsonNode json) => new(
        (string)json["namespace"]!, (string)json["member"]!, (string)json["id"]!, (bool)json["twin"]!, json["start"] is { } start ? HostCommand.FromJson(start) : null,
        new EtcdAccess([(string)json["endpoint"]!], (string?)json["ca"], (string?)json["cert"], (string?)json["key"]));

    /// <summary>Marks the member in the cluster as one that a drill is about to end.</summary>
    public Task MarkAsync(KubernetesClient client, UndoRecord undo, CancellationToken cancellationToken) =>
        Mark.MakeAsync(client, undo, (this with { Start = null }).ToJson(), cancellationToken);

    /// <summary>Starts the member and waits until it follows a leader and has caught up.</summary>
    public static async Task<string> PutBackAsync(UndoRecord undo, TwinEtcd? twin, KubernetesClient client, CancellationToken cancellationToken)
    {
        var payload = JsonNode.Parse(undo.Payload)!;
        var stopped = FromJson(payload);
        if (stopped.IsTwin)
        {
            if (twin is null)
            {
                return $"member {stopped.Member} was a process of a twin, which ended with its own";
            }

            twin.StartMember(stopped.Member);
        }
        else if (stopped.Start is { } start)
        {
            await start.RunAsync(_backLimit, client.Clock, cancellationToken);
        }

        if (await stopped.BackAsync(client.Clock, cancellationToken) is { } why)
        {
            throw stopped is { IsTwin: false, Start: null }
                ? new UndoRefusedException($"etcd member {stopped.Member} is not back ({why}), and only {payload["host"]}, which ran the drill, knows how to start it; run there: chaosdrill undo")
                : new ClusterException($"etcd member {stopped.Member} was started and is not back after {_backLimit.TotalSeconds:0} s: {why}");
        }

        await stopped.Mark.RemoveAsync(client, undo, cancellationToken);
        return $"etcd member {stopped.Member} runs again";
    }

    /// <summary>Waits until the member follows a leader and has caught up. One that this process did not start is asked only once.</summary>
    /// <returns>Null when it is back; otherwise why it is not.</returns>
    private async Task<string?> BackAsync(TimeProvider clock, CancellationToken cancellationToken)
    {
        var begin = clock.GetTimestamp();
        using var client = new EtcdClient(Access, clock) { Limit = TimeSpan.FromSeconds(2) };
        while (true)
        {
            string why;
            try
            {
                var status = await client.StatusAsync(cancellationToken);
                if (status.Leader != 0 && status.AppliedIndex >= status.RaftIndex)
                {
                    return null;
                }

                why = status.Leader == 0 ? "it knows no leader" : "it has not caught up";
            }
            catch (EtcdException e)
            {
                why = e.Message;
            }

            if (clock.GetElapsedTime(begin) >= _backLimit || (!IsTwin && Start is null))
            {
                return why;
            }

            await Task.Delay(_pause, clock, cancellationToken);
        }
    }
}
