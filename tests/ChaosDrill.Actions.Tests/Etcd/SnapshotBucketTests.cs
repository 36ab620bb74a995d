using System.Net;
using System.Net.Sockets;
using ChaosDrill.Actions.Etcd.Snapshots;
using ChaosDrill.Actions.Restores;
using ChaosDrill.Actions.Restores.EtcdRestoreVerify;
using ChaosDrill.Actions.Restores.EtcdSnapshot;
using ChaosDrill.Actions.Restores.SelfTest;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using Xunit;

namespace ChaosDrill.Actions.Tests.Etcd;

/// <summary>Snapshots of a real etcd in a bucket of a real server that speaks S3.</summary>
public sealed class SnapshotBucketTests
{
    [RealEtcdFact]
    public async Task Snapshot_IsKeptInTheBucket_SoManyOfThem_AndVerifiedFromThere()
    {
        await using var server = await S3Server.StartAsync(isStrict: false);
        await using var source = await SourceEtcd.StartAsync();
        await server.PutAsync("etcd-20200101-000000-5.db", "of somebody else, without a note");
        await server.PutAsync("notes.txt", "of somebody else");
        await server.PutAsync("deeper/etcd-20200101-000000-5.db", "of another cluster");
        var taken = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            await source.PutAsync($"/app/key-{i}", "value");
            var (path, findings) = await source.SnapshotAsync(new EtcdSnapshot { Bucket = server.Bucket, Keep = 2 });
            Assert.Null(findings.Trouble);
            taken.Add(Path.GetFileName(path!));
        }

        Assert.Equal(
            [.. taken.Skip(1).SelectMany(name => new[] { name, name + SnapshotNote.Suffix }).Concat(["etcd-20200101-000000-5.db", "notes.txt", "deeper/etcd-20200101-000000-5.db"]).Select(name => "etcd/" + name).Order(StringComparer.Ordinal)],
            await server.NamesAsync());

        var (verified, _) = await VerifyAsync(new EtcdRestoreVerify { Bucket = server.Bucket });
        Assert.Null(verified.Trouble);
        Assert.Equal(4, verified.Checks.Where(c => c.Check.StartsWith("each prefix", StringComparison.Ordinal)).Select(c => int.Parse(c.Evidence.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture)).Single());
        Assert.Null((await VerifyAsync(new EtcdRestoreVerify { Bucket = server.Bucket, Pick = SnapshotPick.Random, MaxAge = TimeSpan.FromHours(1) })).Findings.Trouble);

        // In parts, as what is large is sent, and without a prefix.
        var large = Path.Combine(source.Folder, "etcd-20300101-000000-7.db");
        await File.WriteAllBytesAsync(large, new byte[70 << 20], SourceEtcd.Stop);
        await File.WriteAllTextAsync(large + SnapshotNote.Suffix, "{}", SourceEtcd.Stop);
        using var shelf = new BucketShelf(server.Bucket with { Prefix = "" });
        await shelf.PutAsync(large, SourceEtcd.Stop);
        Assert.True(await shelf.HoldsAsync(large, SourceEtcd.Stop));
        Assert.Equal(["etcd-20300101-000000-7.db"], (await shelf.ListAsync(SourceEtcd.Stop)).Select(k => k.Name));
    }

    [RealEtcdFact]
    public async Task Bucket_ThatIsDamaged_IsCaught()
    {
        await using var server = await S3Server.StartAsync();
        await using var source = await SourceEtcd.StartAsync();
        await source.PutAsync("/app/key", "value");
        var (path, _) = await source.SnapshotAsync(new EtcdSnapshot { Folder = Path.Combine(source.Folder, "kept"), Bucket = server.Bucket });
        var there = Path.GetFileName(path!);
        var bytes = await server.GetAsync(there);
        var note = System.Text.Encoding.UTF8.GetString(await server.GetAsync(there + SnapshotNote.Suffix));

        await server.PutAsync(there, bytes[..^600]);
        Assert.False(Assert.Single(await ChecksAsync()).Held);
        await server.PutAsync(there, [.. bytes[..9000], (byte)(bytes[9000] ^ 1), .. bytes[9001..]]);
        Assert.False(Assert.Single(await ChecksAsync()).Held);
        using (var shelf = new BucketShelf(server.Bucket))
        {
            Assert.False(await shelf.HoldsAsync(path!, SourceEtcd.Stop));
        }

        // Whole, and another than its note says; then whole and without a note; then nothing at all.
        await server.PutAsync(there, bytes);
        await server.PutAsync(there + SnapshotNote.Suffix, note.Replace("\"sha256\": \"", "\"sha256\": \"0", StringComparison.Ordinal));
        Assert.Contains(await ChecksAsync(), c => c is { Held: false, Check: "the snapshot is the one that was taken" });
        await server.DeleteAsync(there + SnapshotNote.Suffix);
        Assert.Null(Assert.Single(await ChecksAsync(), c => c.Held != true).Held);
        await server.DeleteAsync(there);
        Assert.Contains("holds none", Assert.Single(await ChecksAsync()).Evidence, StringComparison.Ordinal);

        async Task<List<(string Check, bool? Held, string Evidence)>> ChecksAsync() => (await VerifyAsync(new EtcdRestoreVerify { Bucket = server.Bucket })).Findings.Checks;
    }

    [RealEtcdFact]
    public async Task Bucket_ThatCannotBeUsed_IsRefusedWithTheReason_AndWithoutASecret()
    {
        await using var server = await S3Server.StartAsync();
        var bucket = server.Bucket;
        await RefusedAsync(bucket with { Profile = "wrong" }, "correct AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
        await RefusedAsync(bucket with { Profile = "stranger" }, "correct AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
        await RefusedAsync(bucket with { Profile = "nobody" }, "there are no credentials of profile nobody");
        await RefusedAsync(bucket with { Name = "no-such-bucket" }, "correct bucket.name");
        await RefusedAsync(bucket with { Endpoint = "http://127.0.0.1:1" }, "Connection refused");

        // A server that takes connections and never answers is worse than one that refuses them.
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await RefusedAsync(bucket with { Endpoint = $"http://{silent.LocalEndpoint}" }, "does not answer within 20 s");

        async Task RefusedAsync(SnapshotBucket bucket, string said)
        {
            var refusal = Assert.Single(await BucketShelf.RefusalsAsync(bucket, TimeProvider.System, SourceEtcd.Stop));
            Assert.Contains(said, refusal.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(server.Secret, refusal.Message, StringComparison.Ordinal);
        }
    }

    [RealEtcdFact]
    public async Task Server_ThatGoesInTheMiddle_IsNoVerdictOnTheSnapshot_AndLeavesNothing()
    {
        await using var server = await S3Server.StartAsync();
        await using var source = await SourceEtcd.StartAsync();
        await source.PutAsync("/app/key", new string('x', 200_000));
        await source.SnapshotAsync(new EtcdSnapshot { Bucket = server.Bucket });
        await using var breaking = server.Break(after: 50_000);
        var scratch = Directory.CreateDirectory(Path.Combine(source.Folder, "scratch")).FullName;

        var failed = await Assert.ThrowsAsync<ClusterException>(() => VerifyAsync(new EtcdRestoreVerify { Bucket = server.Bucket with { Endpoint = breaking.Endpoint }, Scratch = scratch }));
        Assert.StartsWith("cannot read s3://backups/etcd-", failed.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(scratch));

        // Gone before the snapshot is put there: it is in the folder, and the drill does not pass.
        var before = (await server.NamesAsync()).Count;
        var folder = Path.Combine(source.Folder, "kept");
        await Assert.ThrowsAsync<ClusterException>(() => source.SnapshotAsync(new EtcdSnapshot { Folder = folder, Bucket = server.Bucket with { Endpoint = "http://127.0.0.1:1" }, Keep = 1 }));
        Assert.Equal((before, 2), ((await server.NamesAsync()).Count, Directory.GetFiles(folder).Length));
    }

    [Theory]
    [InlineData("s3://backups", "", null, "bucket.name")]
    [InlineData("backups", "/etcd", null, "bucket.prefix")]
    [InlineData("backups", "", "minio:9000", "bucket.endpoint")]
    [InlineData("backups", "", "https://drill:secret@minio:9000", "bucket.endpoint")]
    [InlineData("backups", "", "https://minio:9000/backups", "bucket.endpoint")]
    [InlineData("backups", "etcd/", "https://minio:9000", null)]
    public void Bucket_ThatIsWritten_Wrongly_IsSaid(string name, string prefix, string? endpoint, string? field)
    {
        var bucket = new SnapshotBucket { Name = name, Prefix = prefix, Endpoint = endpoint };
        Assert.Equal(field, new EtcdSnapshot { Bucket = bucket }.Check().SingleOrDefault()?.Field);
        Assert.Equal(field, new EtcdRestoreVerify { Bucket = bucket }.Check().SingleOrDefault()?.Field);
    }

    private static async Task<(CollectedFindings Findings, ActivityOutcome Outcome)> VerifyAsync(EtcdRestoreVerify options)
    {
        await using var client = new KubernetesClient(new Uri("https://nowhere.invalid"), new HttpClientHandler(), TimeProvider.System);
        var findings = new CollectedFindings(TimeProvider.System);
        var activity = new EtcdRestoreVerifyActivity(options, client, new TakenSnapshots());
        return (findings, await activity.RunAsync(await activity.PlanAsync(new Random(1), SourceEtcd.Stop), findings, SourceEtcd.Stop));
    }
}
