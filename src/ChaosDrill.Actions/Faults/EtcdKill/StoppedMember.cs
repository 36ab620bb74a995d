using System.Text.Json.Nodes;
using ChaosDrill.Actions.Etcd;
using ChaosDrill.Actions.Etcd.Client;
using ChaosDrill.Actions.Programs;
using ChaosDrill.Engine.Ports;

namespace ChaosDrill.Actions.Faults.EtcdKill;

/// <summary>The way back from a member of etcd that was ended. It needs no API server.</summary>
/// <param name="Member">Name of the member.</param>
/// <param name="IsTwin">Whether it is a process of the twin.</param>
/// <param name="Start">The command that starts it elsewhere.</param>
/// <param name="Access">Where it is asked.</param>
internal sealed record StoppedMember(string Member, bool IsTwin, HostCommand? Start, EtcdAccess Access)
{
    public const string UndoKind = "etcdMember";

    /// <summary>How long it may take to be back.</summary>
    private static readonly TimeSpan _backLimit = TimeSpan.FromSeconds(50);

    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(100);

    public string ToJson() => new JsonObject
    {
        ["member"] = Member,
        ["twin"] = IsTwin,
        ["start"] = Start?.ToJson(),
        ["endpoint"] = Access.Endpoints[0],
        ["ca"] = Access.CaFile,
        ["cert"] = Access.CertFile,
        ["key"] = Access.KeyFile,
    }.ToJsonString();

    public static StoppedMember FromJson(JsonNode json) => new(
        (string)json["member"]!, (bool)json["twin"]!, json["start"] is { } start ? HostCommand.FromJson(start) : null,
        new EtcdAccess([(string)json["endpoint"]!], (string?)json["ca"], (string?)json["cert"], (string?)json["key"]));

    /// <summary>Starts the member and waits until it follows a leader and has caught up.</summary>
    public static async Task<string> PutBackAsync(UndoRecord undo, TwinEtcd? twin, TimeProvider clock, CancellationToken cancellationToken)
    {
        var stopped = FromJson(JsonNode.Parse(undo.Payload)!);
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
            await start.RunAsync(_backLimit, clock, cancellationToken);
        }

        var begin = clock.GetTimestamp();
        using var client = new EtcdClient(stopped.Access, clock) { Limit = TimeSpan.FromSeconds(2) };
        while (true)
        {
            string why;
            try
            {
                var status = await client.StatusAsync(cancellationToken);
                if (status.Leader != 0 && status.AppliedIndex >= status.RaftIndex)
                {
                    return $"etcd member {stopped.Member} runs again";
                }

                why = status.Leader == 0 ? "it knows no leader" : "it has not caught up";
            }
            catch (EtcdException e)
            {
                why = e.Message;
            }

            if (clock.GetElapsedTime(begin) >= _backLimit)
            {
                throw new ClusterException($"etcd member {stopped.Member} was started and is not back after {_backLimit.TotalSeconds:0} s: {why}");
            }

            await Task.Delay(_pause, clock, cancellationToken);
        }
    }
}
