using System.Text;
using System.Net;
using System.Net.Sockets;
using ChaosDrill.Actions.Etcd.Client;
using ChaosDrill.Actions.Etcd.Snapshots;
using ChaosDrill.Actions.Restores;
using ChaosDrill.Actions.Restores.EtcdSnapshot;
using ChaosDrill.Engine.Ports;
using Xunit;

namespace ChaosDrill.Actions.Tests.Etcd;

public sealed class EtcdSnapshotTests
{
    [RealEtcdFact]
    public async Task Snapshot_IsOfTheLeader_HoldsWhatEtcdHolds_AndLeavesNoMarker()
    {
        await using var source = await SourceEtcd.StartAsync(3);
        for (var i = 0; i < 30; i++)
        {
            await source.PutAsync($"/registry/configmaps/shop/c{i % 20}", $"value {i}");
        }

        using var client = source.Client();
        await client.DeleteAsync("/registry/configmaps/shop/c3", SourceEtcd.Stop);
        var (path, findings) = await source.SnapshotAsync();

        Assert.Null(findings.Trouble);
        var content = SnapshotContent.Read(SnapshotFile.Read(path!));
        Assert.Equal(19, content.Counts["/registry/configmaps"]);
        var note = SnapshotNote.Beside(path!)!;
        Assert.Equal((await client.StatusAsync(SourceEtcd.Stop)).Leader, note.MemberId);

        // The digest of the file is that of etcd, but for the marker, which is gone by now.
        var live = new ContentDigest();
        await client.VisitAsync(note.Revision, 7, (in KeyValue key) => live.Add(key), SourceEtcd.Stop);
        Assert.Equal(note.Content, live.ToString());
        Assert.Equal(0, await CountAsync(0));
        Assert.NotEqual(0, await CountAsync(note.Revision));

        Task<long> CountAsync(long revision) =>
            client.CountAsync(Encoding.UTF8.GetBytes(SnapshotContent.DrillPrefix), EtcdClient.EndOf(SnapshotContent.DrillPrefix), revision, SourceEtcd.Stop);
    }

    [RealEtcdFact]
    public async Task Snapshot_KeepsSoMany_AndNoStrangersFile()
    {
        await using var source = await SourceEtcd.StartAsync();
        var folder = Directory.CreateDirectory(Path.Combine(source.Folder, "kept")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "a.db"), "of somebody else", SourceEtcd.Stop);
        for (var i = 0; i < 4; i++)
        {
            await source.SnapshotAsync(new EtcdSnapshot { Folder = folder, Keep = 2 });
        }

        Assert.Equal(3, Directory.GetFiles(folder, "*.db").Length);
        Assert.Equal(2, Directory.GetFiles(folder, "*.json").Length);
        Assert.Equal(5, Directory.GetFiles(folder).Length);
    }

    [RealEtcdFact]
    public async Task Plan_NobodySaysWhereEtcdIs_IsRefusedWithWhatToDrillInstead()
    {
        var plan = await PlanAsync(new EtcdSnapshot());
        Assert.Contains("Velero", Assert.Single(plan.Refusals).Mend, StringComparison.Ordinal);
    }

    [RealEtcdFact]
    public async Task Plan_DeadEndpoint_IsRefused_AndNothingHangs()
    {
        // A port that takes connections and never answers is worse than one that refuses them.
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var plan = await PlanAsync(new EtcdSnapshot { Endpoints = [$"http://{silent.LocalEndpoint}"] });
        Assert.Contains("did not answer", Assert.Single(plan.Refusals).Message, StringComparison.Ordinal);
    }

    [RealEtcdFact]
    public async Task Plan_CertificateThatIsNotThere_IsRefused()
    {
        var plan = await PlanAsync(new EtcdSnapshot { Preset = "kubeadm", Ca = "/no/such/ca.crt" });
        Assert.Contains(plan.Refusals, r => r.Message == "/no/such/ca.crt cannot be read");
    }

    [RealEtcdFact]
    public async Task Plan_ProgramsThatAreNotThere_NamesThePackage()
    {
        var plan = await PlanAsync(new EtcdSnapshot { Endpoints = ["http://127.0.0.1:1"], Bin = Path.GetTempPath() });
        Assert.Contains("apt-get install etcd-client", plan.Refusals[0].Mend, StringComparison.Ordinal);
    }

    [RealEtcdFact]
    public async Task Snapshot_EtcdDiesBeforeItIsTaken_IsNoSnapshot()
    {
        await using var source = await SourceEtcd.StartAsync();
        await source.Cluster.DisposeAsync();
        await Assert.ThrowsAsync<EtcdException>(() => source.SnapshotAsync());
        Assert.False(Directory.Exists(Path.Combine(source.Folder, "snapshots")) && Directory.GetFiles(Path.Combine(source.Folder, "snapshots")).Length > 0);
    }

    private static Task<ActivityPlan> PlanAsync(EtcdSnapshot options) =>
        new EtcdSnapshotActivity(options, null, new TakenSnapshots(), TimeProvider.System).PlanAsync(new Random(1), SourceEtcd.Stop);
}
