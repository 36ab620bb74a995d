using System.Globalization;
using ChaosDrill.Acceptance.Virtual;
using ChaosDrill.Hosting;
using ChaosDrill.Kubernetes;
using Xunit.Sdk;

namespace ChaosDrill.Tests.Process;

/// <summary>
/// SIGKILL, for real: a drill in one process, its twin in another. Whatever line the drill had printed last, undo leaves
/// every object as it was. The usual run takes a seeded sample; --long takes every line of every shipped scenario, or with
/// <c>CHAOSDRILL_TEST_SCENARIO=pod-kill.yaml</c> of that one.
/// </summary>
public sealed class KilledDrillTests : IDisposable
{
    private const int Sampled = 3;

    /// <summary>Twins at once, each with a drill of its own: what is killed late has mostly waited until then.</summary>
    private const int Lanes = 8;

    private static readonly TimeSpan SettleLimit = TimeSpan.FromMinutes(3);

    private readonly Chaosdrill _program = new();

    public static TheoryData<string> Files =>
        [.. Shipped().Select(f => Path.GetFileName(f)).Where(f => Environment.GetEnvironmentVariable("CHAOSDRILL_TEST_SCENARIO") is not { Length: > 0 } only || f == only)];

    private static bool IsLong => Environment.GetEnvironmentVariable("CHAOSDRILL_TEST_LONG") == "1";

    private static int Seed => int.TryParse(Environment.GetEnvironmentVariable("CHAOSDRILL_TEST_SEED"), CultureInfo.InvariantCulture, out var seed) ? seed : 7;

    public void Dispose() => _program.Dispose();

    [Fact]
    public async Task Drill_KilledAtASampleOfItsLines_IsPutBack()
    {
        var random = new Random(Seed);
        var files = Shipped();
        random.Shuffle(files);
        foreach (var file in files.Take(Sampled))
        {
            var lines = await LinesAsync(file);

            // Up to the effect of the first fault and a little after it: later lines take as long as the scenario waits.
            var effect = Array.FindIndex(lines, l => l.Contains("took effect", StringComparison.Ordinal));
            Assert.True(effect > 0, $"{file}: {string.Join('\n', lines)}");
            await KillAsync(_program, file, [random.Next(effect - 2, effect + 2)]);
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Drill_KilledAtAnyOfItsLines_IsPutBack(string file)
    {
        Assert.SkipUnless(IsLong, "takes the scenario's own time for each of its lines: tests/run --long");
        var path = Shipped().Single(f => Path.GetFileName(f) == file);
        var lines = Enumerable.Range(1, (await LinesAsync(path)).Length).ToLookup(l => l % Lanes);
        await Task.WhenAll(lines.Select(async lane =>
        {
            using var program = new Chaosdrill();
            await KillAsync(program, path, [.. lane]);
        }));
    }

    /// <summary>A scratch etcd outlives its drill's process; the next start ends it and removes its folder, and the twin's own etcd as well.</summary>
    [Fact]
    [Trait("needs", "etcd")]
    public async Task EtcdDrill_KilledWhileItsScratchEtcdRuns_LeavesNothingAfterTheNextStart()
    {
        Assert.SkipUnless(ProgramPath.Find("etcd") is not null && ProgramPath.Find("etcdctl") is not null, "needs etcd: apt-get install etcd-server etcd-client");
        var scenario = Repository.Path("scenarios", "etcd-restore-verify.yaml");
        string said;
        using (var drill = _program.Start("run", scenario))
        {
            await drill.UntilAsync("etcdRestoreVerify healthy");
            drill.Signal("KILL");
            said = (await drill.EndAsync()).Out;
        }

        string[] folders = [.. System.Text.RegularExpressions.Regex.Matches(said, "[^ ]*/chaosdrill-etcd-[0-9a-f]{12}").Select(m => m.Value).Distinct()];
        Assert.True(folders.Length >= 2, said);
        Assert.Contains(folders, f => Directory.Exists(f) && ProcessesIn(f) > 0);

        var next = await _program.RunAsync("run", scenario);
        Assert.True(next.Code == 0, next.Out + next.Error);
        Assert.All(folders, f => Assert.False(Directory.Exists(f) || ProcessesIn(f) > 0, $"{f}: {next.Out}"));
    }

    internal static int ProcessesIn(string folder) => Directory.GetDirectories("/proc").Count(p =>
    {
        try
        {
            return File.ReadAllText(Path.Combine(p, "cmdline")).Contains(folder, StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // No process, or gone meanwhile.
            return false;
        }
    });

    private static string[] Shipped() => [.. Directory.GetFiles(Repository.Path("scenarios"), "*.yaml").Order(StringComparer.Ordinal).Where(RunsOnAnyTwin)];

    /// <summary>Scenarios that need programs or parts of a twin that <c>twin up</c> does not have are drilled elsewhere.</summary>
    private static bool RunsOnAnyTwin(string file) => Vocabulary.ReadScenario(file) is { Spec: var spec } && spec.Steps.All(s => !s.Action.KeepsRealTime) && !File.ReadAllText(file).Contains("velero", StringComparison.OrdinalIgnoreCase);

    /// <summary>The lines of a whole drill, up to its outcome: an empty line parts them.</summary>
    private async Task<string[]> LinesAsync(string file) =>
        [.. (await _program.RunAsync("run", file, "--virtual-time", "--seed", "1")).Out.Split('\n').TakeWhile(l => l.Length > 0)];

    private static async Task KillAsync(Chaosdrill program, string file, int[] lines)
    {
        var kubeconfig = Path.Combine(program.Folder, Path.GetFileName(file) + ".kubeconfig");
        var manifests = Vocabulary.ReadScenario(file).Spec.Twin!.Manifests.SelectMany(m => new[] { "--manifest", Path.Combine(Path.GetDirectoryName(file)!, m) });
        using var twin = program.Start([.. (string[])["twin", "up", "--kubeconfig", kubeconfig], .. manifests]);
        await twin.UntilAsync("All deployments are ready");
        await using var client = new KubernetesClient(Kubeconfig.Load(kubeconfig).Select("twin"), TimeProvider.System);
        var before = await ClusterPicture.TakeAsync(client);
        foreach (var line in lines)
        {
            using (var drill = program.Start("run", file, "--context", "twin", "--kubeconfig", kubeconfig, "--seed", "1"))
            {
                await drill.UntilLineAsync(line);
                drill.Signal("KILL");
                await drill.EndAsync();
            }

            var undone = await program.RunAsync("undo", "--kubeconfig", kubeconfig);
            Assert.True(undone.Code == 0 || undone.Error.Contains("holds no drill yet", StringComparison.Ordinal), $"{file}, killed at line {line}: {undone.Out}{undone.Error}");
            await PutBackAsync(client, before, $"{file}, killed at line {line}: {undone.Out}");
        }
    }

    private static async Task PutBackAsync(KubernetesClient client, IReadOnlyList<string> before, string what)
    {
        var begin = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var after = await ClusterPicture.TakeAsync(client);
            if (before.SequenceEqual(after))
            {
                return;
            }

            if (TimeProvider.System.GetElapsedTime(begin) > SettleLimit)
            {
                throw new XunitException($"{what}\n{string.Join('\n', before.Except(after).Select(l => "- " + l).Concat(after.Except(before).Select(l => "+ " + l)))}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System);
        }
    }
}
