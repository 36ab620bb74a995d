using System.Net;
using System.Net.Sockets;
using System.Text;
using ChaosDrill.Actions.Etcd.Client;
using ChaosDrill.Actions.Faults.EtcdDisaster;
using ChaosDrill.Kubernetes;

namespace ChaosDrill.Actions.Tests.Etcd;

/// <summary>A real etcd that only commands reach, as on a host of one's own; gone with the test.</summary>
internal sealed class ScriptedEtcd : IAsyncDisposable
{
    private const string Script = """
        #!/bin/bash
        # host.sh ACTION CLIENT-PORT PEER-PORT [SNAPSHOT TOKEN]
        cd "$(dirname "$0")" || exit 1
        peer=http://127.0.0.1:$3
        case $1 in
        start)
            [ -f pid ] && kill -0 "$(cat pid)" 2>/dev/null && exit 0
            setsid etcd --name=m1 --data-dir=data --listen-client-urls=http://127.0.0.1:$2 --advertise-client-urls=http://127.0.0.1:$2 --listen-peer-urls=$peer \
                --initial-advertise-peer-urls=$peer --initial-cluster=m1=$peer --logger=zap >>log 2>&1 </dev/null &
            echo $! >pid ;;
        stop)
            [ -f pid ] || exit 0
            kill -9 "$(cat pid)" 2>/dev/null
            while kill -0 "$(cat pid)" 2>/dev/null; do sleep 0.05; done
            rm pid ;;
        aside) mv data lost ;;
        restore) etcdctl snapshot restore "$4" --name=m1 --data-dir=data --initial-cluster=m1=$peer --initial-cluster-token="$5" --initial-advertise-peer-urls=$peer ;;
        back) if [ -d lost ]; then rm -rf data && mv lost data; fi ;;
        esac
        """;

    private readonly int[] _ports = FreePorts();

    public string Folder { get; } = Directory.CreateTempSubdirectory("chaosdrill-test-").FullName;

    public string Endpoint => $"http://127.0.0.1:{_ports[0]}";

    public EtcdAccess Access => new([Endpoint]);

    public static async Task<ScriptedEtcd> StartAsync()
    {
        var host = new ScriptedEtcd();
        await File.WriteAllTextAsync(Path.Combine(host.Folder, "host.sh"), Script.ReplaceLineEndings("\n"), SourceEtcd.Stop);
        await host.RunAsync("start");
        using var client = host.Client();
        var begin = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                if ((await client.StatusAsync(SourceEtcd.Stop)).Leader != 0)
                {
                    return host;
                }
            }
            catch (EtcdException) when (TimeProvider.System.GetElapsedTime(begin) < TimeSpan.FromSeconds(60))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, SourceEtcd.Stop);
            }
        }
    }

    public EtcdClient Client() => new(Access, TimeProvider.System);

    public async Task PutAsync(string key)
    {
        using var client = Client();
        await client.PutAsync(key, Encoding.UTF8.GetBytes("value"), SourceEtcd.Stop);
    }

    public async Task<bool> HoldsAsync(string key)
    {
        using var client = Client();
        return await client.FindAsync(key, SourceEtcd.Stop) is not null;
    }

    /// <summary>The loss of this etcd, by its commands.</summary>
    public EtcdDisaster Disaster(IReadOnlyList<string>? restore = null) => new()
    {
        Confirm = "test",
        Endpoints = [Endpoint],
        Scratch = Folder,
        ApiServers = [new ApiServerHost { Stop = ["true"], Start = ["true"] }],
        Members =
        [
            new EtcdHost
            {
                Name = "m1", Stop = Command("stop"), MoveAside = Command("aside"), Restore = restore ?? Command("restore", "{snapshot}", "{token}"), Start = Command("start"),
                PutBack = Command("back"), Aside = Path.Combine(Folder, "lost"),
            },
        ],
    };

    public async ValueTask DisposeAsync()
    {
        await RunAsync("stop");
        Directory.Delete(Folder, recursive: true);
    }

    private string[] Command(string action, params string[] more) => ["bash", Path.Combine(Folder, "host.sh"), action, $"{_ports[0]}", $"{_ports[1]}", .. more];

    private async Task RunAsync(string action)
    {
        var words = Command(action);
        await RunningProgram.RunAsync(
            new ProgramCall { Program = words[0], Arguments = words[1..], Timeout = TimeSpan.FromSeconds(30), OwnSession = true, MayLeavePrograms = true }, TimeProvider.System, CancellationToken.None);
    }

    private static int[] FreePorts()
    {
        TcpListener[] sockets = [new(IPAddress.Loopback, 0), new(IPAddress.Loopback, 0)];
        Array.ForEach(sockets, s => s.Start());
        int[] ports = [.. sockets.Select(s => ((IPEndPoint)s.LocalEndpoint).Port)];
        Array.ForEach(sockets, s => s.Stop());
        return ports;
    }
}
