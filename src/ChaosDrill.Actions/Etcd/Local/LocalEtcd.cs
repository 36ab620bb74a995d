using System.Net;
using System.Net.Sockets;
using ChaosDrill.Actions.Etcd.Client;
using ChaosDrill.Kubernetes;

namespace ChaosDrill.Actions.Etcd.Local;

/// <summary>A cluster of etcd members on this machine's loopback, which this process starts and ends.</summary>
/// <remarks>Its token is random, so that no member of another cluster can take it for its own.</remarks>
internal sealed class LocalEtcd : IAsyncDisposable
{
    private static readonly TimeSpan _poll = TimeSpan.FromMilliseconds(20);

    /// <summary>etcd waits for its clients to go before it ends.</summary>
    private static readonly TimeSpan _grace = TimeSpan.FromSeconds(10);

    private readonly EtcdTools _tools;
    private readonly LocalPlace _place;
    private readonly TimeProvider _clock;

    /// <summary>Chooses names and free ports; starts nothing.</summary>
    public LocalEtcd(EtcdTools tools, LocalPlace place, int members, TimeProvider clock)
    {
        (_tools, _place, _clock) = (tools, place, clock);
        var ports = FreePorts(2 * members);
        Members =
        [
            .. Enumerable.Range(0, members).Select(i => new LocalMember(
                $"m{i + 1}", $"http://127.0.0.1:{ports[2 * i]}", $"http://127.0.0.1:{ports[(2 * i) + 1]}", Path.Combine(place.Folder, $"m{i + 1}"), place.MarkOf(i + 1))),
        ];
    }

    /// <summary>Its members.</summary>
    public IReadOnlyList<LocalMember> Members { get; }

    /// <summary>How to ask them.</summary>
    public EtcdAccess Access => new([.. Members.Select(m => m.ClientUrl)]);

    private string InitialCluster => string.Join(',', Members.Select(m => $"{m.Name}={m.PeerUrl}"));

    /// <summary>Restores the same snapshot into the data folder of each member, one after the other.</summary>
    /// <param name="snapshot">The file.</param>
    /// <param name="limit">For all members together.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <param name="token">The token of the new cluster; null is that of its place.</param>
    /// <param name="more">Further arguments of the tool.</param>
    /// <returns>Null when it is restored; otherwise what the tool said.</returns>
    public async Task<string?> RestoreAsync(string snapshot, TimeSpan limit, CancellationToken cancellationToken, string? token = null, IReadOnlyList<string>? more = null)
    {
        var begin = _clock.GetTimestamp();
        foreach (var member in Members)
        {
            var left = limit - _clock.GetElapsedTime(begin);
            string[] arguments =
            [
                "snapshot", "restore", snapshot, "--data-dir=" + member.DataFolder, "--name=" + member.Name, "--initial-cluster=" + InitialCluster,
                "--initial-cluster-token=" + (token ?? _place.Token), "--initial-advertise-peer-urls=" + member.PeerUrl, .. more ?? [],
            ];
            var result = await _tools.Restorer!.RunAsync(arguments, left > TimeSpan.Zero ? left : TimeSpan.FromMilliseconds(1), _clock, _place.MarkOf(0), cancellationToken);
            if (result.ExitCode != 0)
            {
                return $"{_tools.Restorer.Name} {_tools.Restorer.Version} " +
                    (result.ExitCode is null ? $"did not end within {limit.TotalSeconds:0.#} s" : $"ended with exit code {result.ExitCode}: {EtcdTool.Said(result)}");
            }
        }

        return null;
    }

    /// <summary>Starts every member that does not run.</summary>
    public void Start()
    {
        foreach (var member in Members.Where(m => m.Program is null or { HasExited: true }))
        {
            Start(member);
        }
    }

    /// <summary>Starts one member.</summary>
    /// <exception cref="EtcdException">It could not be started.</exception>
    public void Start(LocalMember member)
    {
        string[] arguments =
        [
            "--name=" + member.Name, "--data-dir=" + member.DataFolder, "--listen-client-urls=" + member.ClientUrl, "--advertise-client-urls=" + member.ClientUrl,
            "--listen-peer-urls=" + member.PeerUrl, "--initial-advertise-peer-urls=" + member.PeerUrl, "--initial-cluster=" + InitialCluster,
            "--initial-cluster-token=" + _place.Token, "--logger=zap", "--log-level=warn", "--quota-backend-bytes=" + (16L << 30),
        ];
        try
        {
            member.Program = RunningProgram.Start(
                new ProgramCall
                {
                    Program = _tools.Server!.Path, Arguments = arguments, Environment = EtcdTool.Environment, OwnSession = true, Mark = member.Mark, OutputLimit = 16 * 1024,
                },
                _clock);
        }
        catch (ProgramException e)
        {
            throw new EtcdException($"{_tools.Server!.Path} {e.Message}", null, e);
        }
    }

    /// <summary>Waits until every member answers and knows a leader.</summary>
    /// <exception cref="EtcdException">One ended, or the time is over.</exception>
    public async Task<IReadOnlyList<MemberStatus>> HealthyAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        var begin = _clock.GetTimestamp();
        List<MemberStatus> all = [];
        foreach (var member in Members)
        {
            using var client = new EtcdClient(Access.At(member.ClientUrl), _clock) { Limit = TimeSpan.FromSeconds(2) };
            MemberStatus? status = null;
            while (status is null)
            {
                try
                {
                    var found = await client.StatusAsync(cancellationToken);
                    status = found.Leader == 0 ? null : found;
                }
                catch (EtcdException e) when (_clock.GetElapsedTime(begin) < limit && member.Program is { HasExited: false })
                {
                    _ = e;
                }
                catch (EtcdException e)
                {
                    throw new EtcdException($"etcd {_tools.Server!.Version} did not get healthy on {member.ClientUrl}: {LastWords(member) ?? e.Message}", null, e);
                }

                if (status is null)
                {
                    await Task.Delay(_poll, _clock, cancellationToken);
                }
            }

            all.Add(status);
        }

        return all;
    }

    /// <summary>Ends a member at once, as a lost machine would.</summary>
    public static async Task KillAsync(LocalMember member)
    {
        if (member.Program is { } program)
        {
            await program.DisposeAsync();
            member.Program = null;
        }
    }

    /// <summary>Ends every member; what is on disk stays.</summary>
    public async Task StopAsync() => await Task.WhenAll(Members.Select(async member =>
    {
        if (member.Program is { } program)
        {
            await program.StopAsync(_grace);
            await KillAsync(member);
        }
    }));

    /// <summary>Ends every member at once: what is thrown away needs no farewell.</summary>
    public async ValueTask DisposeAsync() => await Task.WhenAll(Members.Select(KillAsync));

    private static string? LastWords(LocalMember member) =>
        member.Program is { HasExited: true } program ? "it ended: " + (program.Errors.Trim().Split('\n').LastOrDefault(l => l.Contains("\"error\"", StringComparison.Ordinal) || l.Contains("fatal", StringComparison.Ordinal)) ?? program.Errors.Trim()) : null;

    // Held open together, so that no two are the same; freed just before they are used.
    private static int[] FreePorts(int count)
    {
        var sockets = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        sockets.ForEach(s => s.Start());
        int[] ports = [.. sockets.Select(s => ((IPEndPoint)s.LocalEndpoint).Port)];
        sockets.ForEach(s => s.Stop());
        return ports;
    }
}

/// <summary>One member of a cluster on this machine.</summary>
/// <param name="Name">Its name.</param>
/// <param name="ClientUrl">Where clients ask it.</param>
/// <param name="PeerUrl">Where other members reach it.</param>
/// <param name="DataFolder">Its data.</param>
/// <param name="Mark">The mark that its process carries.</param>
internal sealed record LocalMember(string Name, string ClientUrl, string PeerUrl, string DataFolder, string Mark)
{
    /// <summary>Its process; null while it does not run.</summary>
    public RunningProgram? Program { get; set; }
}
