using System.Text;
using ChaosDrill.Actions.Etcd.Client;
using ChaosDrill.Actions.Etcd.Local;
using ChaosDrill.Actions.Restores;
using ChaosDrill.Actions.Restores.EtcdRestoreVerify;
using ChaosDrill.Actions.Restores.EtcdSnapshot;
using ChaosDrill.Actions.Restores.SelfTest;
using ChaosDrill.Engine.Ports;
using Xunit;

namespace ChaosDrill.Actions.Tests.Etcd;

/// <summary>A real etcd that a test takes snapshots of; gone with the test.</summary>
internal sealed class SourceEtcd : IAsyncDisposable
{
    private readonly CollectedFindings _undos = new(TimeProvider.System);
    private LocalEtcd _etcd = null!;

    public EtcdTools Tools { get; private set; } = null!;

    public string Folder { get; private set; } = null!;

    public LocalEtcd Cluster => _etcd;

    public static async Task<SourceEtcd> StartAsync(int members = 1)
    {
        var source = new SourceEtcd { Tools = await EtcdTools.FindAsync(null, TimeProvider.System, Stop) };
        var place = LocalPlace.In(Path.GetTempPath());
        source._undos.RecordUndo(LocalPlace.UndoKind, "", place.Payload);
        place.Make();
        source.Folder = place.Folder;
        source._etcd = new LocalEtcd(source.Tools, place, members, TimeProvider.System);
        source._etcd.Start();
        await source._etcd.HealthyAsync(TimeSpan.FromSeconds(60), Stop);
        return source;
    }

    public static CancellationToken Stop => TestContext.Current.CancellationToken;

    public EtcdClient Client() => new(_etcd.Access.At(_etcd.Members[0].ClientUrl), TimeProvider.System);

    public async Task PutAsync(string key, string value)
    {
        using var client = Client();
        await client.PutAsync(key, Encoding.UTF8.GetBytes(value), Stop);
    }

    /// <summary>Takes a snapshot; the path of the file and what was found.</summary>
    public async Task<(string? Path, CollectedFindings Findings)> SnapshotAsync(EtcdSnapshot? options = null)
    {
        var (taken, findings) = (new TakenSnapshots(), new CollectedFindings(TimeProvider.System));
        var activity = new EtcdSnapshotActivity(options ?? new EtcdSnapshot { Folder = System.IO.Path.Combine(Folder, "snapshots") }, _etcd.Access, taken, TimeProvider.System);
        try
        {
            await activity.RunAsync(new ActivityPlan("", [], null, []), findings, Stop);
        }
        finally
        {
            await findings.UndoAllAsync();
        }

        return (taken.Last, findings);
    }

    public async Task<(CollectedFindings Findings, ActivityOutcome Outcome)> VerifyAsync(
        string file, TimeSpan? maxAge = null, string? clusterUid = null, int members = 1, TimeSpan? timeout = null, bool withoutNote = false, string? scratch = null)
    {
        var findings = new CollectedFindings(TimeProvider.System);
        var outcome = await new RestoreVerification(Tools, TimeProvider.System).RunAsync(
            new VerificationRequest(file, maxAge, clusterUid, members, scratch ?? Folder, timeout ?? TimeSpan.FromMinutes(2), withoutNote), findings, Stop);
        return (findings, outcome);
    }

    public async ValueTask DisposeAsync()
    {
        await _etcd.DisposeAsync();
        await _undos.UndoAllAsync();
    }
}
