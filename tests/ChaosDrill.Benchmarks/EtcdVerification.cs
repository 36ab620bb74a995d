using System.Text;
using ChaosDrill.Actions.Etcd.Client;
using ChaosDrill.Actions.Etcd.Local;
using ChaosDrill.Actions.Etcd.Snapshots;
using ChaosDrill.Actions.Restores.EtcdRestoreVerify;
using ChaosDrill.Actions.Restores.SelfTest;

namespace ChaosDrill.Benchmarks;

/// <summary>What proving a restored snapshot costs beside the tool's own restore, with growth. A million keys with CHAOSDRILL_TEST_LONG=1.</summary>
internal static class EtcdVerification
{
    private const int Writers = 64;

    public static async Task RunAsync()
    {
        int[] sizes = Environment.GetEnvironmentVariable("CHAOSDRILL_TEST_LONG") == "1" ? [10_000, 100_000, 1_000_000] : [10_000, 100_000];
        foreach (var keys in sizes)
        {
            await RunAsync(keys);
        }
    }

    private static async Task RunAsync(int keys)
    {
        var clock = TimeProvider.System;
        var tools = await EtcdTools.FindAsync(null, clock, CancellationToken.None);
        var folder = Directory.CreateTempSubdirectory("chaosdrill-bench-").FullName;
        try
        {
            var snapshot = Path.Combine(folder, "snapshot.db");
            var source = new LocalPlace(Path.Combine(folder, "chaosdrill-etcd-source"), Guid.NewGuid().ToString("N"));
            source.Make();
            await using (var etcd = new LocalEtcd(tools, source, 1, clock))
            {
                etcd.Start();
                await etcd.HealthyAsync(TimeSpan.FromMinutes(1), CancellationToken.None);
                await LoadAsync(etcd, keys);
                Require(await tools.Ctl!.RunAsync([.. etcd.Access.Arguments, "--command-timeout=600s", "snapshot", "save", snapshot], TimeSpan.FromMinutes(10), clock, null, CancellationToken.None));
            }

            var place = new LocalPlace(Path.Combine(folder, "chaosdrill-etcd-scratch"), Guid.NewGuid().ToString("N"));
            place.Make();
            await using var scratch = new LocalEtcd(tools, place, 1, clock);

            // Loading is none of the verification's business: what it left is cleared before memory is measured.
            GC.Collect();
            var peak = 0L;
            await using var sampling = clock.CreateTimer(_ => peak = Math.Max(peak, Anonymous()), null, TimeSpan.Zero, TimeSpan.FromMilliseconds(50));

            // What the tool takes alone, in a folder of its own that nothing else is measured with.
            var alone = new LocalPlace(Path.Combine(folder, "chaosdrill-etcd-alone"), Guid.NewGuid().ToString("N"));
            alone.Make();
            var begin = clock.GetTimestamp();
            await using (var tool = new LocalEtcd(tools, alone, 1, clock))
            {
                await RestoreAsync(tool, snapshot);
            }

            var restore = clock.GetElapsedTime(begin);
            begin = clock.GetTimestamp();
            var file = SnapshotFile.Read(snapshot);
            var restoring = RestoreAsync(scratch, snapshot);
            var content = SnapshotContent.Read(file);
            await restoring;
            var both = clock.GetElapsedTime(begin);
            begin = clock.GetTimestamp();
            scratch.Start();
            var members = await scratch.HealthyAsync(TimeSpan.FromMinutes(5), CancellationToken.None);
            var healthy = clock.GetElapsedTime(begin);
            begin = clock.GetTimestamp();
            var findings = new CollectedFindings(clock);
            await RestoredProof.CompareAsync(
                scratch.Access, [.. scratch.Members.Zip(members, (m, status) => (m.Name, m.ClientUrl, status))], null, content, findings, clock, CancellationToken.None);
            var compare = clock.GetElapsedTime(begin);
            if (findings.Trouble is { } trouble)
            {
                throw new InvalidOperationException(trouble);
            }

            // What each key read by itself takes, as where it was compacted since.
            begin = clock.GetTimestamp();
            var restored = new RestoredContent();
            using var client = new EtcdClient(scratch.Access, clock) { Limit = TimeSpan.FromMinutes(2) };
            await restored.ReadAsync(client, content.Revision, CancellationToken.None);
            var byKey = clock.GetElapsedTime(begin);
            if (restored.Digest.ToString() != content.Digest.ToString())
            {
                throw new InvalidOperationException("the digests differ");
            }

            Console.WriteLine(
                $"{keys,9:N0} keys, {file.Length / 1e6:0.0} MB: restore by {tools.Restorer!.Name} {tools.Restorer.Version} {restore.TotalSeconds:0.00} s, healthy after {healthy.TotalSeconds:0.00} s; " +
                $"restore with own reading of the file beside it {both.TotalSeconds:0.00} s, proof of the restored etcd {compare.TotalSeconds:0.00} s (read key by key {byKey.TotalSeconds:0.00} s); peak memory {peak / 1e6:0} MB");
            Sample.Against("verification beside restore", (both - restore + compare) / restore, 1, "times");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>This process's own memory in bytes: what the system keeps of files that were read is not counted.</summary>
    private static long Anonymous() => 1024 * long.Parse(
        File.ReadLines("/proc/self/status").First(l => l.StartsWith("RssAnon:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture);

    private static async Task RestoreAsync(LocalEtcd etcd, string snapshot)
    {
        if (await etcd.RestoreAsync(snapshot, TimeSpan.FromMinutes(10), CancellationToken.None) is { } refused)
        {
            throw new InvalidOperationException(refused);
        }
    }

    private static async Task LoadAsync(LocalEtcd etcd, int keys)
    {
        using var client = new EtcdClient(etcd.Access, TimeProvider.System) { Limit = TimeSpan.FromMinutes(1) };
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(async _ =>
        {
            for (var i = Interlocked.Increment(ref next); i < keys; i = Interlocked.Increment(ref next))
            {
                await client.PutAsync($"/registry/configmaps/shop/c{i:0000000}", Encoding.UTF8.GetBytes(
                    $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c{{{i:0000000}}}","namespace":"shop"},"data":{"filler":"{{{new string((char)('a' + (i % 26)), 900)}}}"}}"""), CancellationToken.None);
            }
        }));
    }

    private static void Require(Kubernetes.ProgramResult result)
    {
        if (result.ExitCode != 0)
        {
            throw new InvalidOperationException(result.Errors);
        }
    }
}
