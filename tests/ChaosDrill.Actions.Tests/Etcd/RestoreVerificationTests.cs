using System.Security.Cryptography;
using ChaosDrill.Actions.Etcd.Local;
using ChaosDrill.Actions.Etcd.Snapshots;
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
    public async Task Verify_SnapshotWithoutNote_IsHeldAgainstItsOwnFile_ButNobodyKnowsItsAge()
    {
        await using var source = await SourceEtcd.StartAsync();
        await source.PutAsync("/app/key", "value");
        var (path, _) = await source.SnapshotAsync();
        File.Delete(path + SnapshotNote.Suffix);

        Assert.Null((await source.VerifyAsync(path!)).Findings.Trouble);

        // A copy is always young: the file's time proves nothing.
        var (findings, _) = await source.VerifyAsync(path!, maxAge: TimeSpan.FromHours(1));
        Assert.Null(Assert.Single(findings.Checks, c => c.Held != true).Held);
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
