using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ChaosDrill.Kubernetes;

namespace ChaosDrill.Tests.Process;

/// <summary>
/// An etcd of three members that only commands reach, lost and restored by the whole program. What the commands do on hosts of their
/// own, scripts do here with real members. And SIGKILL, for real: whatever the drill had said last, the data is there afterwards.
/// </summary>
public sealed class EtcdHostDrillTests : IDisposable
{
    private const int Sampled = 3;

    private readonly Chaosdrill _program = new();

    public void Dispose() => _program.Dispose();

    [Fact]
    [Trait("needs", "etcd")]
    public async Task Etcd_OnHosts_IsLostAndRestoredByCommands_AndPutBackWhereverTheDrillIsKilled()
    {
        Assert.SkipUnless(ProgramPath.Find("etcd") is not null && ProgramPath.Find("etcdctl") is not null, "needs etcd: apt-get install etcd-server etcd-client");
        await using var site = await Site.OpenAsync(_program);

        var ended = await _program.RunAsync("run", site.Scenario, "--context", "twin", "--kubeconfig", site.Kubeconfig);

        Assert.True(ended.Code == 0, ended.Out + ended.Error);
        Assert.Equal((true, false, 3), (await site.HoldsAsync("/app/before"), await site.HoldsAsync("/app/after"), site.Aside));
        var lines = ended.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var first = Array.FindIndex(lines, l => l.Contains("etcdDisaster", StringComparison.Ordinal));
        var last = Array.FindLastIndex(lines, l => l.Contains("API ready", StringComparison.Ordinal));
        Assert.True(first > 0 && last > first, ended.Out);

        var all = Enumerable.Range(first + 1, last - first + 1).ToArray();
        var isLong = Environment.GetEnvironmentVariable("CHAOSDRILL_TEST_LONG") == "1";
        var seed = int.TryParse(Environment.GetEnvironmentVariable("CHAOSDRILL_TEST_SEED"), CultureInfo.InvariantCulture, out var given) ? given : 7;
        new Random(seed).Shuffle(all);
        foreach (var line in isLong ? all : all[..Sampled])
        {
            await site.BeginAnewAsync();
            using (var drill = _program.Start("run", site.Scenario, "--context", "twin", "--kubeconfig", site.Kubeconfig))
            {
                await drill.UntilLineAsync(line);
                drill.Signal("KILL");
                await drill.EndAsync();
            }

            var undone = await _program.RunAsync("undo", "--kubeconfig", site.Kubeconfig);
            var what = $"killed after line {line}, {lines[line - 1]}: {undone.Out}{undone.Error}";
            Assert.True(undone.Code == 0, what);
            Assert.True(await site.HoldsAsync("/app/before"), what);

            // What was written last is there, unless the restored etcd was proved: then the old data lies aside, all of it.
            Assert.True(site.Aside == 3 || (site.Aside == 0 && (await site.HoldsAsync("/app/after") || !site.WasStopped)), $"{site.Aside} aside, {what}");
        }
    }

    /// <summary>Three hosts with a member each, and a cluster that is not theirs.</summary>
    private sealed class Site : IAsyncDisposable
    {
        private const string Script = """
            #!/bin/bash
            # host.sh ACTION MEMBER [SNAPSHOT TOKEN]
            cd "$(dirname "$0")" || exit 1
            clients=(x CLIENTS) peers=(x PEERS)
            n=${2#m}; client=http://127.0.0.1:${clients[$n]} peer=http://127.0.0.1:${peers[$n]}
            all=m1=http://127.0.0.1:${peers[1]},m2=http://127.0.0.1:${peers[2]},m3=http://127.0.0.1:${peers[3]}
            case $1 in
            start)
                [ -f $2.pid ] && kill -0 "$(cat $2.pid)" 2>/dev/null && exit 0
                setsid etcd --name=$2 --data-dir=$2.data --listen-client-urls=$client --advertise-client-urls=$client --listen-peer-urls=$peer \
                    --initial-advertise-peer-urls=$peer --initial-cluster=$all --logger=zap >>$2.log 2>&1 </dev/null &
                echo $! >$2.pid ;;
            stop)
                # The last that is written before etcd is lost.
                [ -f stopped ] || etcdctl --endpoints=$client --command-timeout=10s put /app/after value >/dev/null 2>&1 && touch stopped
                [ -f $2.pid ] || exit 0
                kill -9 "$(cat $2.pid)" 2>/dev/null
                while kill -0 "$(cat $2.pid)" 2>/dev/null; do sleep 0.05; done
                rm -f $2.pid ;;
            aside) mv $2.data $2.lost ;;
            restore)
                tool=etcdctl; command -v etcdutl >/dev/null && tool=etcdutl
                bump=; $tool snapshot restore --help 2>&1 | grep -q -- --bump-revision && bump="--bump-revision=1000000000 --mark-compacted"
                $tool snapshot restore "$3" --name=$2 --data-dir=$2.data --initial-cluster=$all --initial-cluster-token="$4" --initial-advertise-peer-urls=$peer $bump ;;
            back) if [ -d $2.lost ]; then rm -rf $2.data && mv $2.lost $2.data; fi ;;
            clean) rm -rf m?.lost stopped ;;
            esac
            """;

        private readonly Chaosdrill _program;
        private readonly string _folder;
        private readonly int[] _ports = FreePorts(6);
        private Chaosdrill.Running? _twin;

        private Site(Chaosdrill program) => (_program, _folder) = (program, Directory.CreateDirectory(Path.Combine(program.Folder, "hosts")).FullName);

        public string Kubeconfig => Path.Combine(_program.Folder, "site.kubeconfig");

        public string Scenario { get; private set; } = "";

        /// <summary>How many members have their old data aside.</summary>
        public int Aside => Directory.GetDirectories(_folder, "*.lost").Length;

        /// <summary>Whether a member was asked to stop, and wrote its last word before.</summary>
        public bool WasStopped => File.Exists(Path.Combine(_folder, "stopped"));

        private string Endpoints => string.Join(',', _ports.Take(3).Select(p => $"http://127.0.0.1:{p}"));

        public static async Task<Site> OpenAsync(Chaosdrill program)
        {
            var site = new Site(program);
            await File.WriteAllTextAsync(
                Path.Combine(site._folder, "host.sh"),
                Script.ReplaceLineEndings("\n").Replace("CLIENTS", string.Join(' ', site._ports.Take(3)), StringComparison.Ordinal).Replace("PEERS", string.Join(' ', site._ports.Skip(3)), StringComparison.Ordinal));
            site.Scenario = program.Write("etcd-on-hosts.yaml", site.Text());
            foreach (var member in (string[])["m1", "m2", "m3"])
            {
                await CallAsync("bash", Path.Combine(site._folder, "host.sh"), "start", member);
            }

            await site.WriteAsync();
            site._twin = program.Start("twin", "up", "--kubeconfig", site.Kubeconfig, "--manifest", Repository.Path("scenarios", "twin", "shop.yaml"));
            await site._twin.UntilAsync("All deployments are ready");
            return site;
        }

        public async Task<bool> HoldsAsync(string key)
        {
            var found = await CallAsync("etcdctl", "--endpoints=" + Endpoints, "--command-timeout=30s", "get", key);
            Assert.True(found.ExitCode == 0, found.Errors);
            return found.Text.Contains(key, StringComparison.Ordinal);
        }

        /// <summary>As at first: nothing aside, and without what was written last.</summary>
        public async Task BeginAnewAsync()
        {
            await CallAsync("bash", Path.Combine(_folder, "host.sh"), "clean", "m1");
            await CallAsync("etcdctl", "--endpoints=" + Endpoints, "--command-timeout=30s", "del", "/app/after");
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var member in (string[])["m1", "m2", "m3"])
            {
                await CallAsync("bash", Path.Combine(_folder, "host.sh"), "stop", member);
            }

            _twin?.Signal("INT");
            _ = _twin is null ? null : await _twin.EndAsync();
            _twin?.Dispose();
        }

        private async Task WriteAsync()
        {
            var begin = TimeProvider.System.GetTimestamp();
            while (await CallAsync("etcdctl", "--endpoints=" + Endpoints, "--command-timeout=5s", "put", "/app/before", "value") is { ExitCode: not 0 } refused)
            {
                Assert.True(TimeProvider.System.GetElapsedTime(begin) < TimeSpan.FromMinutes(1), refused.Errors);
            }
        }

        private string Text() => $$$"""
            apiVersion: chaosdrill.dev/v1
            kind: Scenario
            metadata: { name: etcd-on-hosts }
            spec:
              description: Three members of etcd on hosts of their own are lost, and restored by commands.
              cluster: { namespace: shop }
              guards: { maxAffected: 100% }
              ledger: { in: etcd, every: 200ms, endpoints: [{{{Endpoints}}}] }
              steps:
                - etcdSnapshot: { endpoints: [{{{Endpoints}}}], folder: {{{_folder}}}/snapshots, keep: 2 }
                - name: Lose etcd
                  etcdDisaster:
                    confirm: twin
                    endpoints: [{{{Endpoints}}}]
                    apiServers: [{ stop: ["true"], start: ["true"] }]
                    members:
            {{{string.Join('\n', ((string[])["m1", "m2", "m3"]).Select(Host))}}}
                - name: Restore etcd
                  etcdRestore: {}
                - wait: { for: 1s }
              objectives:
                - restoreTime: { step: Restore etcd, atMost: 5m }
                - dataLoss: { atMost: 5m }
            """;

        private string Host(string member)
        {
            string Words(string action, string more = "") => $"[bash, {_folder}/host.sh, {action}, {member}{more}]";
            return $"            - {{ name: {member}, stop: {Words("stop")}, moveAside: {Words("aside")}, restore: {Words("restore", ", \"{snapshot}\", \"{token}\"")}, "
                + $"start: {Words("start")}, putBack: {Words("back")}, aside: {_folder}/{member}.lost }}";
        }

        private static Task<ProgramResult> CallAsync(string program, params string[] arguments) => RunningProgram.RunAsync(
            new ProgramCall { Program = program, Arguments = arguments, Timeout = TimeSpan.FromMinutes(1), OwnSession = true, MayLeavePrograms = true }, TimeProvider.System, CancellationToken.None);

        private static int[] FreePorts(int count)
        {
            var sockets = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
            sockets.ForEach(s => s.Start());
            int[] ports = [.. sockets.Select(s => ((IPEndPoint)s.LocalEndpoint).Port)];
            sockets.ForEach(s => s.Stop());
            return ports;
        }
    }
}
