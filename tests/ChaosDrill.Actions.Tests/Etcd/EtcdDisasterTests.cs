using ChaosDrill.Actions.Clusters;
using ChaosDrill.Actions.Etcd;
using ChaosDrill.Actions.Faults.EtcdDisaster;
using ChaosDrill.Actions.Restores.EtcdRestore;
using ChaosDrill.Actions.Restores.EtcdSnapshot;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Timelines;
using ChaosDrill.Twin;
using Xunit;

namespace ChaosDrill.Actions.Tests.Etcd;

/// <summary>An etcd that only commands reach is lost for real, and comes back: from the snapshot, or as it was.</summary>
public sealed class EtcdDisasterTests
{
    private const string Before = "/app/before";
    private const string After = "/app/after";

    [RealEtcdFact]
    public async Task Lost_AndRestored_HoldsWhatTheSnapshotHolds_AndKeepsTheOldDataAside()
    {
        await using var field = await Field.MakeAsync();
        await field.LoseAsync(field.Host.Disaster());
        Assert.Single(field.Report.Effects);

        var outcome = await field.RestoreAsync();

        Assert.Equal(StepOutcome.Done, outcome.Outcome);
        Assert.All(field.Report.Checks, c => Assert.True(c.Held, $"{c.Check}: {c.Evidence}"));
        Assert.Equal((true, false), (await field.Host.HoldsAsync(Before), await field.Host.HoldsAsync(After)));
        Assert.True(Directory.Exists(Path.Combine(field.Host.Folder, "lost")));
        Assert.Equal(
            [PhaseNames.RestoreStarted, "API servers stopped", PhaseNames.Restored, "members started", PhaseNames.Healthy, PhaseNames.Verified, "API ready"],
            field.Report.Phases.Where(p => !p.StartsWith("dry run", StringComparison.Ordinal)));

        // What was proved is the truth now: no way back leads behind it.
        Assert.DoesNotContain(field.Report.Undos, u => u.Kind is EtcdLoss.DataUndo or EtcdLoss.ApiUndo);
    }

    [RealEtcdFact]
    public async Task Lost_AndKilled_TheNextStartPutsTheOldDataBack()
    {
        await using var field = await Field.MakeAsync();
        await field.LoseAsync(field.Host.Disaster());

        // Another process knows nothing but what was written down; it goes each way twice, as after a second crash.
        var undos = Enumerable.Reverse(field.Report.Undos).ToList();
        Assert.Equal([EtcdLoss.DataUndo, EtcdLoss.ApiUndo], undos.Where(u => u.Kind.StartsWith("etcd", StringComparison.Ordinal)).Select(u => u.Kind));
        foreach (var undo in undos.Concat(undos))
        {
            await field.Another().UndoAsync(undo, SourceEtcd.Stop);
        }

        Assert.Equal((true, true), (await field.Host.HoldsAsync(Before), await field.Host.HoldsAsync(After)));
        Assert.Empty(await field.Cluster.FindLeftoversAsync(SourceEtcd.Stop));
    }

    /// <summary>A sweep knows only what the cluster says: no commands, but where the data lies and who knows more.</summary>
    [RealEtcdFact]
    public async Task Mark_OfALostEtcd_SaysWhereTheOldDataIs_AndGoesOnlyWhenAllMembersAreThere()
    {
        await using var field = await Field.MakeAsync();
        await field.LoseAsync(field.Host.Disaster());
        var mark = Assert.Single(await field.Cluster.FindLeftoversAsync(SourceEtcd.Stop));

        Assert.DoesNotContain("host.sh", mark.Payload, StringComparison.Ordinal);
        var refused = await Assert.ThrowsAsync<UndoRefusedException>(() => field.Another().UndoAsync(mark, SourceEtcd.Stop));
        Assert.Contains(Path.Combine(field.Host.Folder, "lost"), refused.Message, StringComparison.Ordinal);
        Assert.Contains("run there: chaosdrill undo", refused.Message, StringComparison.Ordinal);
        Assert.Single(await field.Cluster.FindLeftoversAsync(SourceEtcd.Stop));

        await field.Another().UndoAsync(field.Report.Undos.Single(u => u.Kind == EtcdLoss.DataUndo), SourceEtcd.Stop);
        Assert.Contains("follow one leader", await field.Another().UndoAsync(mark, SourceEtcd.Stop), StringComparison.Ordinal);
        Assert.Empty(await field.Cluster.FindLeftoversAsync(SourceEtcd.Stop));
    }

    /// <summary>A command goes on when the drill that ran it is killed: as long as it moves data, nothing is put back over it.</summary>
    [RealEtcdFact]
    public async Task PutBack_WhileADeadDrillsCommandStillMovesData_TouchesNothing()
    {
        await using var field = await Field.MakeAsync();
        await field.LoseAsync(field.Host.Disaster());
        var undo = field.Report.Undos.Single(u => u.Kind == EtcdLoss.DataUndo);
        var mark = (string)System.Text.Json.Nodes.JsonNode.Parse(undo.Payload)!["plant"]!["mark"]!;
        await using (RunningProgram.Start(new ProgramCall { Program = "sleep", Arguments = ["60"], OwnSession = true, Mark = $"etcd-data-{mark}" }, TimeProvider.System))
        {
            var impatient = undo with { Payload = undo.Payload.Replace("\"limit\":600", "\"limit\":1", StringComparison.Ordinal) };
            Assert.NotEqual(undo.Payload, impatient.Payload);
            var refused = await Assert.ThrowsAsync<ClusterException>(() => field.Another().UndoAsync(impatient, SourceEtcd.Stop));
            Assert.Contains("still moves or restores data", refused.Message, StringComparison.Ordinal);
            Assert.True(Directory.Exists(Path.Combine(field.Host.Folder, "lost")));
        }

        await field.Another().UndoAsync(undo, SourceEtcd.Stop);
        Assert.True(await field.Host.HoldsAsync(After));
    }

    [RealEtcdFact]
    public async Task Restore_ThatFailsHalfWay_SaysWhereTheOldDataIs_AndUndoPutsItBack()
    {
        await using var field = await Field.MakeAsync();
        await field.LoseAsync(field.Host.Disaster(restore: ["false"]));

        var outcome = await field.RestoreAsync();

        Assert.Equal(StepOutcome.Disproved, outcome.Outcome);
        Assert.Contains($"the old data lies at {Path.Combine(field.Host.Folder, "lost")}", outcome.Reason, StringComparison.Ordinal);
        Assert.True(Directory.Exists(Path.Combine(field.Host.Folder, "lost")));
        foreach (var undo in Enumerable.Reverse(field.Report.Undos).ToList())
        {
            await field.Cluster.UndoAsync(undo, SourceEtcd.Stop);
        }

        Assert.True(await field.Host.HoldsAsync(After));
    }

    [RealEtcdFact]
    public async Task Snapshot_ThatWouldNotBringItBack_TouchesNothing()
    {
        await using var field = await Field.MakeAsync();
        var bytes = await File.ReadAllBytesAsync(field.Snapshot, SourceEtcd.Stop);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(field.Snapshot, bytes, SourceEtcd.Stop);

        var refused = await Assert.ThrowsAsync<ClusterException>(() => field.LoseAsync(field.Host.Disaster()));

        Assert.StartsWith("nothing was touched", refused.Message, StringComparison.Ordinal);
        Assert.False(field.Report.IsTouched);
        Assert.True(await field.Host.HoldsAsync(After));
    }

    [RealEtcdFact]
    public async Task Plan_OfAnotherCluster_OrWithoutCommands_OrWithAMemberLeftOut_IsRefused()
    {
        await using var field = await Field.MakeAsync();
        var disaster = field.Host.Disaster();

        Assert.Contains("if test is really meant, write confirm: test", await MendAsync(disaster with { Confirm = "production" }), StringComparison.Ordinal);
        Assert.Contains("members:", await MendAsync(disaster with { Members = [] }), StringComparison.Ordinal);
        Assert.Contains("name every member", await MendAsync(disaster with { Members = [disaster.Members[0] with { Name = "m2" }] }), StringComparison.Ordinal);

        async Task<string> MendAsync(EtcdDisaster options) => Assert.Single((await field.Cluster.FaultFor(options, "default")!.PlanAsync(new Random(1), SourceEtcd.Stop)).Refusals).Mend;
    }

    [Fact]
    public async Task Restore_WithoutALoss_IsNotKnown()
    {
        await using var client = new KubernetesClient(new Uri("https://nowhere.invalid"), new HttpClientHandler(), TimeProvider.System);
        var cluster = new KubernetesCluster(client, "test", isTwin: false);
        var restore = cluster.ActivityFor(new EtcdRestore(), "shop")!;
        var outcome = await restore.RunAsync(await restore.PlanAsync(new Random(1), SourceEtcd.Stop), new SeenHarm(_ => throw new InvalidOperationException()), SourceEtcd.Stop);

        Assert.Equal(StepOutcome.NotProved, outcome.Outcome);
    }

    /// <summary>An etcd with a key before its snapshot and one after it, and an API server that answers.</summary>
    private sealed class Field : IAsyncDisposable
    {
        private readonly TwinCluster _twin = new(new TwinOptions { Nodes = 1 });
        private KubernetesClient _client = null!;

        public ScriptedEtcd Host { get; private set; } = null!;

        public KubernetesCluster Cluster { get; private set; } = null!;

        public SeenHarm Report { get; private set; } = null!;

        public string Snapshot => Directory.GetFiles(Path.Combine(Host.Folder, "snapshots"), "*.db").Single();

        public static async Task<Field> MakeAsync()
        {
            var field = new Field { Host = await ScriptedEtcd.StartAsync() };
            field._twin.Start();
            field._client = new KubernetesClient(new Uri("https://twin"), field._twin.CreateHandler(), TimeProvider.System);
            field.Cluster = field.Another();
            field.Report = new SeenHarm(undo => field.Cluster.UndoAsync(undo, SourceEtcd.Stop));
            await field.Host.PutAsync(Before);
            var snapshot = field.Cluster.ActivityFor(new EtcdSnapshot { Endpoints = [field.Host.Endpoint], Folder = Path.Combine(field.Host.Folder, "snapshots") }, "shop")!;
            await snapshot.RunAsync(await snapshot.PlanAsync(new Random(1), SourceEtcd.Stop), field.Report, SourceEtcd.Stop);
            await field.Host.PutAsync(After);
            field.Report.Phases.Clear();
            return field;
        }

        /// <summary>The same cluster as another process sees it.</summary>
        public KubernetesCluster Another() => new(_client, "test", isTwin: false);

        public async Task LoseAsync(EtcdDisaster disaster)
        {
            var fault = Cluster.FaultFor(disaster, "default")!;
            var plan = await fault.PlanAsync(new Random(1), SourceEtcd.Stop);
            Assert.Empty(plan.Refusals);
            await fault.InjectAsync(plan, Report, SourceEtcd.Stop);
        }

        public async Task<ActivityOutcome> RestoreAsync()
        {
            var restore = Cluster.ActivityFor(new EtcdRestore(), "shop")!;
            return await restore.RunAsync(await restore.PlanAsync(new Random(1), SourceEtcd.Stop), Report, SourceEtcd.Stop);
        }

        public async ValueTask DisposeAsync()
        {
            await Cluster.DisposeAsync();
            await _twin.DisposeAsync();
            await Host.DisposeAsync();
        }
    }
}
