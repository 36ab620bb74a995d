using System.Text.Json.Nodes;
using ChaosDrill.Actions.Etcd.Client;
using ChaosDrill.Actions.Faults.ControlPlaneFailure;
using ChaosDrill.Actions.Programs;
using ChaosDrill.Actions.Twins;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;

namespace ChaosDrill.Actions.Etcd;

/// <summary>
/// The machines under a cluster's etcd and API servers, as far as a disaster and its repair need them: the twin's own processes,
/// or commands that a scenario names for each host.
/// </summary>
/// <param name="Twin">The twin's own etcd; null when commands reach the hosts.</param>
/// <param name="Hosts">Commands for each member; empty on the twin.</param>
/// <param name="Apis">Commands that stop and start each API server; empty on the twin.</param>
/// <param name="Mark">Random: tells what this drill moved aside on the twin, and which commands are its own.</param>
/// <param name="CommandLimit">Limit of one command.</param>
internal sealed record EtcdPlant(TwinEtcd? Twin, IReadOnlyList<EtcdPlant.Host> Hosts, IReadOnlyList<EtcdPlant.Pair> Apis, string Mark, TimeSpan CommandLimit)
{
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(200);

    /// <summary>The mark of the commands that move or write data.</summary>
    private string DataMark => $"etcd-data-{Mark}";

    /// <summary>The commands for the host of one member.</summary>
    internal sealed record Host(string Name, HostCommand Stop, HostCommand MoveAside, HostCommand Restore, HostCommand Start, HostCommand PutBack, string Aside);

    /// <summary>Commands that stop and start one program.</summary>
    internal sealed record Pair(HostCommand Stop, HostCommand Start);

    /// <summary>Where the old data of each member lies once it was moved aside, in words.</summary>
    public string Aside => string.Join(", ", Twin?.AsideOf(Mark) ?? [.. Hosts.Select(h => h.Aside)]);

    public static EtcdPlant FromJson(JsonNode json, TwinEtcd? twin) => new(
        (bool)json["twin"]! ? twin : null,
        [.. json["hosts"]!.AsArray().Select(h => new Host((string)h!["name"]!, Of(h["stop"]), Of(h["moveAside"]), Of(h["restore"]), Of(h["start"]), Of(h["putBack"]), (string)h["aside"]!))],
        [.. json["apis"]!.AsArray().Select(a => new Pair(Of(a!["stop"]), Of(a["start"])))],
        (string)json["mark"]!, TimeSpan.FromSeconds((double)json["limit"]!));

    public JsonObject ToJson() => new()
    {
        ["twin"] = Twin is not null,
        ["hosts"] = new JsonArray([.. Hosts.Select(h => new JsonObject
        {
            ["name"] = h.Name,
            ["stop"] = h.Stop.ToJson(),
            ["moveAside"] = h.MoveAside.ToJson(),
            ["restore"] = h.Restore.ToJson(),
            ["start"] = h.Start.ToJson(),
            ["putBack"] = h.PutBack.ToJson(),
            ["aside"] = h.Aside,
        })]),
        ["apis"] = new JsonArray([.. Apis.Select(a => new JsonObject { ["stop"] = a.Stop.ToJson(), ["start"] = a.Start.ToJson() })]),
        ["mark"] = Mark,
        ["limit"] = CommandLimit.TotalSeconds,
    };

    /// <summary>Ends a member.</summary>
    public Task StopAsync(string member, TimeProvider clock, CancellationToken cancellationToken) =>
        Twin?.KillAsync(member) ?? HostOf(member).Stop.RunAsync(CommandLimit, clock, cancellationToken);

    /// <summary>Moves a member's data aside.</summary>
    public async Task MoveAsideAsync(string member, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (Twin is not null)
        {
            Twin.MoveAside(member, Mark);
            return;
        }

        await HostOf(member).MoveAside.RunAsync(CommandLimit, clock, cancellationToken, DataMark);
    }

    /// <summary>Restores a snapshot into every member's data folder.</summary>
    /// <returns>Null when it is restored; otherwise which member was not, and why.</returns>
    public async Task<string?> RestoreAsync(string snapshot, string token, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (Twin is not null)
        {
            return await Twin.RestoreAsync(snapshot, token, CommandLimit, cancellationToken);
        }

        foreach (var host in Hosts)
        {
            if (await host.Restore.With("{snapshot}", snapshot).With("{token}", token).TryAsync(CommandLimit, clock, cancellationToken, DataMark) is { } failure)
            {
                return $"member {host.Name}: {failure}";
            }
        }

        return null;
    }

    /// <summary>Starts every member.</summary>
    public async Task StartAsync(TimeProvider clock, CancellationToken cancellationToken)
    {
        Twin?.Start();
        foreach (var host in Hosts)
        {
            await host.Start.RunAsync(CommandLimit, clock, cancellationToken);
        }
    }

    /// <summary>Ends every member, replaces whatever was restored by the old data where that lies aside, and starts the members.</summary>
    public async Task PutBackAsync(TimeProvider clock, CancellationToken cancellationToken)
    {
        if (Twin is not null)
        {
            await Twin.PutBackAsync(Mark);
        }

        await DataAtRestAsync(clock, cancellationToken);
        foreach (var host in Hosts)
        {
            // It may be down already; what matters is that its data lies where it was.
            await host.Stop.TryAsync(CommandLimit, clock, cancellationToken);
        }

        foreach (var host in Hosts)
        {
            await host.PutBack.RunAsync(CommandLimit, clock, cancellationToken);
        }

        await StartAsync(clock, cancellationToken);
    }

    /// <summary>Stops every API server: with one running, a restored etcd would be written to by what it remembers.</summary>
    public async Task StopApisAsync(KubernetesClient client, CancellationToken cancellationToken)
    {
        if (Twin is not null)
        {
            await TwinLever.SetAsync(client, ControlPlaneSigns.ApiServer, running: false, cancellationToken);
        }

        foreach (var api in Apis)
        {
            await api.Stop.RunAsync(CommandLimit, client.Clock, cancellationToken);
        }
    }

    /// <summary>Starts every API server and waits until the cluster answers.</summary>
    public async Task StartApisAsync(KubernetesClient client, CancellationToken cancellationToken)
    {
        if (Twin is not null)
        {
            await TwinLever.SetAsync(client, ControlPlaneSigns.ApiServer, running: true, cancellationToken);
        }

        foreach (var api in Apis)
        {
            await api.Start.RunAsync(CommandLimit, client.Clock, cancellationToken);
        }

        await ControlPlaneSigns.AnswersAsync(client, _pause, cancellationToken);
    }

    /// <summary>Waits until as many members as there are answer and follow the same leader.</summary>
    /// <returns>What they say; null when the time is over.</returns>
    public static async Task<IReadOnlyList<EtcdMember>?> HealthyAsync(EtcdAccess access, int members, TimeSpan limit, TimeProvider clock, CancellationToken cancellationToken)
    {
        var begin = clock.GetTimestamp();
        while (clock.GetElapsedTime(begin) < limit)
        {
            try
            {
                var all = await EtcdMember.FindAllAsync(access, clock, cancellationToken);
                if (all.Count == members && all.Select(m => m.Status?.Leader ?? 0).Distinct().ToList() is [not 0])
                {
                    return all;
                }
            }
            catch (EtcdException)
            {
                // None answers yet.
            }

            await Task.Delay(_pause / 4, clock, cancellationToken);
        }

        return null;
    }

    /// <summary>Waits for the commands that move or write data, which go on when the drill's process is killed: none may do so while the old data is put back.</summary>
    private async Task DataAtRestAsync(TimeProvider clock, CancellationToken cancellationToken)
    {
        var begin = clock.GetTimestamp();
        while (MarkedPrograms.Find(DataMark) is [var id, ..])
        {
            if (clock.GetElapsedTime(begin) >= CommandLimit)
            {
                throw new ClusterException($"a command of the drill still moves or restores data (process {id}); nothing was touched, the old data lies at {Aside}: end that process, then run chaosdrill undo");
            }

            await Task.Delay(_pause, clock, cancellationToken);
        }
    }

    private static HostCommand Of(JsonNode? json) => HostCommand.FromJson(json!);

    private Host HostOf(string member) => Hosts.Single(h => h.Name == member);
}
