using System.Security.Cryptography;
using ChaosDrill.Actions.Etcd.Client;
using ChaosDrill.Actions.Etcd.Local;
using ChaosDrill.Actions.Etcd.Snapshots;
using ChaosDrill.Actions.Restores.EtcdSnapshot;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Timelines;
using Xunit;

namespace ChaosDrill.Actions.Tests.Etcd;

public sealed class RestoreVerificationTests
{
    private const string ConfigMap = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"NAME","namespace":"shop"}}""";

    [RealEtcdFact]
    public async Task Verify_LeavesNoProcessAndNoFolder()
    {
        await using var source = await SourceEtcd.StartAsync();
        await source.PutAsync("/registry/configmaps/shop/a", ConfigMap.Replace("NAME", "a", StringComparison.Ordinal));
        var (path, _) = await source.SnapshotAsync();
        var (findings, outcome) = await source.VerifyAsync(path!, members: 3);

        Assert.Null(findings.Trouble);
        Assert.Equal((StepOutcome.Done, PhaseNames.Verified), (outcome.Outcome, findings.Phases[^1]));
        Assert.Empty(Directory.GetDirectories(source.Folder, "chaosdrill-etcd-*"));
    }

    [RealEtcdFact]
    public async Task Verify_SnapshotOfAnEmptyEtcd_Fails()
    {
        await using var source = await SourceEtcd.StartAsync();
        var (path, _) = await source.SnapshotAsync();
        Assert.Contains("etcd was empty", Assert.Single((await source.VerifyAsync(path!)).Findings.Checks, c => c.Held == false).Evidence, StringComparison.Ordinal);
    }

    /// <summary>What would be waited for, or cannot be opened, is no snapshot.</summary>
    [RealEtcdFact]
    public async Task Verify_WhatIsNoFile_Fails_AndNothingHangs()
    {
        await using var source = await SourceEtcd.StartAsync();
        var (pipe, loop, folder) = (Path.Combine(source.Folder, "pipe.db"), Path.Combine(source.Folder, "loop.db"), Directory.CreateDirectory(Path.Combine(source.Folder, "folder.db")).FullName);
        File.CreateSymbolicLink(loop, loop);
        Assert.Equal(0, (await RunningProgram.RunAsync(new ProgramCall { Program = "mkfifo", Arguments = [pipe], Timeout = TimeSpan.FromSeconds(20) }, TimeProvider.System, SourceEtcd.Stop)).ExitCode);
        File.CreateSymbolicLink(pipe + ".db", pipe);
        foreach (var file in (string[])[pipe, pipe + ".db", loop, folder, "/dev/zero"])
        {
            Assert.False(Assert.Single((await source.VerifyAsync(file)).Findings.Checks).Held);
        }
    }

    [RealEtcdFact]
    public async Task Verify_SnapshotWithoutNote_IsInconclusive_UnlessThatIsAskedFor_AndNobodyKnowsItsAge()
    {
        await using var source = await SourceEtcd.StartAsync();
        await source.PutAsync("/app/key", "value");
        var (path, _) = await source.SnapshotAsync();
        File.Delete(path + SnapshotNote.Suffix);

        Assert.Null((await source.VerifyAsync(path!, withoutNote: true)).Findings.Trouble);
        Assert.Null(Assert.Single((await source.VerifyAsync(path!)).Findings.Checks, c => c.Held != true).Held);

        // A copy is always young: the file's time proves nothing.
        var (findings, _) = await source.VerifyAsync(path!, maxAge: TimeSpan.FromHours(1), withoutNote: true);
        Assert.Null(Assert.Single(findings.Checks, c => c.Held != true).Held);
    }

    /// <summary>A value changed in the file, the trailer made anew and the note taken away: the file is sound in itself, and must not pass.</summary>
    [RealEtcdFact]
    public async Task Verify_ForgedValueWithoutNote_DoesNotPass()
    {
        await using var source = await SourceEtcd.StartAsync();
        await source.PutAsync("/app/key", "the true value");
        var (path, _) = await source.SnapshotAsync();
        var database = (await File.ReadAllBytesAsync(path!, SourceEtcd.Stop))[..^32];
        for (var at = database.AsSpan().IndexOf("true"u8); at >= 0; at = database.AsSpan().IndexOf("true"u8))
        {
            "fake"u8.CopyTo(database.AsSpan(at));
        }

        await File.WriteAllBytesAsync(path!, [.. database, .. SHA256.HashData(database)], SourceEtcd.Stop);
        Assert.Contains((await source.VerifyAsync(path!)).Findings.Checks, c => c.Held == false);

        File.Delete(path + SnapshotNote.Suffix);
        Assert.NotNull((await source.VerifyAsync(path!)).Findings.Trouble);
    }

    /// <summary>As an API server stores it: the magic, a runtime.Unknown with type and object, the object's metadata first.</summary>
    [RealEtcdFact]
    public async Task Verify_ProtobufValues_AreReadAndHeldAgainstTheirKeys()
    {
        await using var source = await SourceEtcd.StartAsync();
        using var client = source.Client();
        await client.PutAsync("/registry/configmaps/shop/settings", Stored("v1", "ConfigMap", "shop", "settings"), SourceEtcd.Stop);
        var (path, _) = await source.SnapshotAsync();
        var (findings, _) = await source.VerifyAsync(path!);
        Assert.Null(findings.Trouble);
        Assert.Contains(findings.Checks, c => c.Check.StartsWith("every Kubernetes object", StringComparison.Ordinal) && c.Evidence == "1 protobuf");

        await client.PutAsync("/registry/configmaps/shop/other", Stored("v1", "ConfigMap", "shop", "settings"), SourceEtcd.Stop);
        await client.PutAsync("/registry/configmaps/shop/cut", Stored("v1", "ConfigMap", "shop", "cut").AsMemory(0, 20), SourceEtcd.Stop);
        (path, _) = await source.SnapshotAsync();
        var evidence = Assert.Single((await source.VerifyAsync(path!)).Findings.Checks, c => c.Held == false).Evidence;
        Assert.StartsWith("2 are not", evidence, StringComparison.Ordinal);
        Assert.Contains("/registry/configmaps/shop/other: its object is called settings", evidence, StringComparison.Ordinal);

        static byte[] Stored(string apiVersion, string kind, string ns, string name)
        {
            byte[] metadata = [.. Field(1, name), .. Field(3, ns), .. Field(5, "6f0c8a4e-0000-4000-8000-000000000001")];
            byte[] item = [.. Bytes(1, metadata), .. Bytes(2, [.. Field(1, "CURRENCY"), .. Field(2, "EUR")])];
            return [.. "k8s\0"u8, .. Bytes(1, [.. Field(1, apiVersion), .. Field(2, kind)]), .. Bytes(2, item)];
        }

        static byte[] Field(int number, string text) => Bytes(number, System.Text.Encoding.UTF8.GetBytes(text));

        // Length-delimited, all shorter than 128 bytes here.
        static byte[] Bytes(int number, byte[] content) => [(byte)((number << 3) | 2), (byte)content.Length, .. content];
    }

    [RealEtcdFact]
    public async Task Verify_DiskFull_IsNoVerdictOnTheSnapshot_AndLeavesNothing()
    {
        await using var source = await SourceEtcd.StartAsync();
        var (path, _) = await source.SnapshotAsync();
        using var small = await SmallDisk.MakeAsync(source.Folder, megabytes: 1);
        var refused = await Assert.ThrowsAsync<ClusterException>(() => source.VerifyAsync(path!, scratch: small.Folder));
        Assert.Contains("name a place with more room with scratch:", refused.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(small.Folder));

        var taken = await Assert.ThrowsAsync<EtcdException>(async () =>
        {
            await source.PutAsync("/app/large", new string('x', 1_000_000));
            await source.PutAsync("/app/larger", new string('x', 1_000_000));
            await source.SnapshotAsync(new EtcdSnapshot { Folder = small.Folder });
        });
        Assert.Contains("no space left on device", taken.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(small.Folder));
    }

    [RealEtcdFact]
    public async Task Scratch_PortTaken_SaysWhichOfThem()
    {
        var tools = await EtcdTools.FindAsync(null, TimeProvider.System, SourceEtcd.Stop);
        var place = LocalPlace.In(Path.GetTempPath());
        place.Make();
        var undo = new UndoRecord("test", "1", LocalPlace.UndoKind, "", place.Payload, DateTimeOffset.UnixEpoch);
        try
        {
            await using var etcd = new LocalEtcd(tools, place, 1, TimeProvider.System);
            var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, new Uri(etcd.Members[0].ClientUrl).Port);
            taken.Start();
            etcd.Start();
            var failed = await Assert.ThrowsAsync<EtcdException>(() => etcd.HealthyAsync(TimeSpan.FromSeconds(60), SourceEtcd.Stop));
            taken.Stop();
            Assert.Contains("address already in use", failed.Message, StringComparison.Ordinal);
        }
        finally
        {
            LocalPlace.Remove(undo);
        }
    }

    [RealEtcdFact]
    public async Task Restore_DataFolderNotEmpty_SaysSo()
    {
        await using var source = await SourceEtcd.StartAsync();
        var (path, _) = await source.SnapshotAsync();
        Assert.Contains("data-dir", await source.Cluster.RestoreAsync(path!, TimeSpan.FromMinutes(1), SourceEtcd.Stop), StringComparison.Ordinal);
    }

    [RealEtcdFact]
    public async Task Verify_OldLeasesUnderAYoungNote_TellTheAge()
    {
        await using var source = await SourceEtcd.StartAsync();
        await source.PutAsync(
            "/registry/leases/kube-node-lease/node-1",
            """{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"node-1","namespace":"kube-node-lease"},"spec":{"renewTime":"2020-01-01T00:00:00.000000Z"}}""");
        var (path, _) = await source.SnapshotAsync();
        var (findings, _) = await source.VerifyAsync(path!, maxAge: TimeSpan.FromDays(1));
        Assert.Contains("2020-01-01", Assert.Single(findings.Checks, c => c.Held == false).Evidence, StringComparison.Ordinal);
    }

    [RealEtcdFact]
    public async Task Verify_ObjectUnderAnothersKey_IsSeen()
    {
        await using var source = await SourceEtcd.StartAsync();
        await source.PutAsync("/registry/configmaps/shop/a", ConfigMap.Replace("NAME", "a", StringComparison.Ordinal));
        await source.PutAsync("/registry/configmaps/shop/b", ConfigMap.Replace("NAME", "c", StringComparison.Ordinal));
        await source.PutAsync("/registry/secrets/shop/s", "garbage");
        var (path, _) = await source.SnapshotAsync();
        var (findings, _) = await source.VerifyAsync(path!);
        var evidence = Assert.Single(findings.Checks, c => c.Held == false).Evidence;
        Assert.Contains("/registry/configmaps/shop/b: its object is called c", evidence, StringComparison.Ordinal);
        Assert.Contains("/registry/secrets/shop/s: its value is neither", evidence, StringComparison.Ordinal);
    }

    [RealEtcdFact]
    public async Task Content_OfDamagedPagesUnderAGoodTrailer_IsReadOrRefused_AndTheReaderStands()
    {
        await using var source = await SourceEtcd.StartAsync();
        for (var i = 0; i < 50; i++)
        {
            await source.PutAsync($"/app/key-{i}", new string('x', 300));
        }

        var (path, _) = await source.SnapshotAsync();
        var bytes = await File.ReadAllBytesAsync(path!, SourceEtcd.Stop);
        var refused = 0;
        var random = new Random(11);
        for (var round = 0; round < 300; round++)
        {
            // With a trailer made anew only the pages can tell. Any other exception fails this test.
            byte[] database = [.. bytes[..^32]];
            for (var n = 0; n < 40; n++)
            {
                database[random.Next(database.Length)] ^= (byte)(1 << random.Next(8));
            }

            var damaged = Path.Combine(source.Folder, "damaged.db");
            await File.WriteAllBytesAsync(damaged, [.. database, .. SHA256.HashData(database)], SourceEtcd.Stop);
            try
            {
                SnapshotContent.Read(SnapshotFile.Read(damaged));
            }
            catch (FormatException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 1, 300);
    }

    [RealEtcdFact]
    public async Task Verify_TimeIsOver_FailsAndLeavesNothing()
    {
        await using var source = await SourceEtcd.StartAsync();
        var (path, _) = await source.SnapshotAsync();
        var (_, outcome) = await source.VerifyAsync(path!, timeout: TimeSpan.FromMilliseconds(1));
        Assert.Equal(StepOutcome.Disproved, outcome.Outcome);
        Assert.Empty(Directory.GetDirectories(source.Folder, "chaosdrill-etcd-*"));
    }

    [RealEtcdFact]
    public async Task LocalPlace_OfAProcessThatDied_IsCleared_AndNothingElse()
    {
        var tools = await EtcdTools.FindAsync(null, TimeProvider.System, SourceEtcd.Stop);
        var place = LocalPlace.In(Path.GetTempPath());
        place.Make();
        var etcd = new LocalEtcd(tools, place, 1, TimeProvider.System);
        etcd.Start();
        await etcd.HealthyAsync(TimeSpan.FromSeconds(60), SourceEtcd.Stop);
        var undo = new UndoRecord("dead", "1", LocalPlace.UndoKind, "", place.Payload, DateTimeOffset.UnixEpoch);
        Assert.NotEmpty(MarkedPrograms.Find(place.MarkOf(1)));

        // A folder that does not hold the mark is somebody else's.
        var stranger = Directory.CreateTempSubdirectory("chaosdrill-etcd-").FullName;
        await File.WriteAllTextAsync(Path.Combine(stranger, "mine"), "", SourceEtcd.Stop);
        Assert.Throws<UndoRefusedException>(() => LocalPlace.Remove(undo with { Payload = place.Payload.Replace(place.Folder, stranger, StringComparison.Ordinal) }));
        Assert.True(File.Exists(Path.Combine(stranger, "mine")));
        Directory.Delete(stranger, recursive: true);

        Assert.EndsWith($"{place.Folder} removed", LocalPlace.Remove(undo), StringComparison.Ordinal);
        Assert.Empty(MarkedPrograms.Find(place.MarkOf(1)));
        Assert.Contains("is gone", LocalPlace.Remove(undo), StringComparison.Ordinal);
    }
}
