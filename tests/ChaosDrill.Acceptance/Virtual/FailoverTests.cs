using System.Text.Json.Nodes;
using ChaosDrill.Actions.Clusters;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Timelines;
using ChaosDrill.Twin;
using Xunit;

namespace ChaosDrill.Acceptance.Virtual;

/// <summary>A lost namespace comes back in another cluster that reads the same bucket, and is gone there when the drill is over.</summary>
public sealed class FailoverTests
{
    private const string Standby = "standby";

    private static readonly Resource<System.Text.Json.JsonElement> Restores = Resources.Any("velero.io", "v1", "restores", "Restore", namespaced: true);

    private static readonly Resource<System.Text.Json.JsonElement> Locations = Resources.Any("velero.io", "v1", "backupstoragelocations", "BackupStorageLocation", namespaced: true);

    [Fact]
    public void NamespaceLost_RestoredIntoTheStandby_ServesThereAndIsGoneAfterwards()
    {
        KubernetesClient? there = null;
        var (readyThere, bothAtOnce) = (0, false);
        var left = new List<string>();
        var result = (Drill() with
        {
            BesideFirst = (_, client) => Task.FromResult(there = client),
            Meanwhile = async (_, clock, here, _) =>
            {
                while (clock.Elapsed < TimeSpan.FromMinutes(4))
                {
                    var (inStandby, atHome) = (await ReadyAsync(there!), await ReadyAsync(here));
                    readyThere = Math.Max(readyThere, inStandby);
                    bothAtOnce |= inStandby > 0 && atHome > 0;
                    await Task.Delay(TimeSpan.FromMilliseconds(200), clock);
                }
            },
            After = async (_, here) =>
            {
                Assert.Equal(3, await ReadyAsync(here));
                left = await LeftAsync(there!);
            },
        }).Run();

        Assert.True(result.Judgement.Outcome == DrillOutcome.Pass, result.Judgement.Reason);
        Assert.True(result.Judgement.UndoComplete);
        Assert.Equal(3, readyThere);
        Assert.False(bothAtOnce, "the shop ran in both clusters at once");
        Assert.Empty(left);
        Assert.Contains("into cluster standby (https://standby.twin.invalid/, v1.36.2)", result.Plan.Steps[2].Summary, StringComparison.Ordinal);
        var recovery = result.Judgement.Recoveries.Single();
        Assert.InRange(recovery.Time.Value!.Value, 1, 120);
        Assert.DoesNotContain(recovery.Marks, m => m.Name == "first failed probe");
        var timeline = result.Record.Timeline.OrderBy(e => e.Sequence).Select(e => e.Event).ToList();
        Assert.True(
            timeline.FindIndex(e => e is UndoFinished { Succeeded: true } u && u.Id.EndsWith("velero-elsewhere", StringComparison.Ordinal))
            < timeline.FindIndex(e => e is UndoFinished { Succeeded: true } u && u.Id.EndsWith("velero-namespace", StringComparison.Ordinal)));
        Assert.All((string[])["backup seen", PhaseNames.RestoreStarted, PhaseNames.Restored, PhaseNames.Healthy, PhaseNames.Verified], phase => Assert.Contains(timeline, e => e is PhaseReached p && p.Phase == phase));
    }

    public static TheoryData<string, string[]> Obstacles => new()
    {
        { "no such context", ["by its context elsewhere", "only standby"] },
        { "same cluster", ["the context itself leads to the very cluster that the namespace is lost in"] },
        { "namespace there", ["cluster standby: namespace shop is there already"] },
        { "namespace going", ["cluster standby: namespace shop is there already, and is being deleted"] },
        { "no velero", ["cluster standby: namespace other holds no backup storage location"] },
        { "location away", ["cluster standby: backup storage location velero/default is Unavailable"] },
        { "other bucket", ["cluster standby: no backup storage location reads a bucket that backups are written to here (velero), only elsewhere/there"] },
        { "restore running", ["cluster standby: restore velero/somebody is InProgress"] },
        { "other cluster", ["restores into the cluster whose kube-system has uid 0815; standby has "] },
        { "locked", ["another drill holds namespace velero of cluster standby"] },
    };

    [Theory]
    [MemberData(nameof(Obstacles))]
    public void Obstacle_IsRefusedBeforeAnythingIsTouched(string what, string[] says)
    {
        var drill = Drill() with { BesideFirst = (twin, client) => PutInTheWayAsync(what, twin, client), IsTwin = what != "other cluster" };
        drill = what switch
        {
            "no such context" => drill with { Yaml = drill.Yaml.Replace("to: standby", "to: elsewhere", StringComparison.Ordinal) },
            "same cluster" => drill with { Yaml = drill.Yaml.Replace("to: standby", "to: itself", StringComparison.Ordinal) },
            "no velero" => drill with { Yaml = drill.Yaml.Replace("to: standby", "to: standby, veleroNamespace: other", StringComparison.Ordinal) },
            "other cluster" => drill with { Yaml = drill.Yaml.Replace("to: standby", "to: standby, toUid: \"0815\"", StringComparison.Ordinal) },
            _ => drill,
        };
        if (what == "no such context")
        {
            Assert.All(says, part => Assert.Contains(part, Assert.Throws<ClusterException>(() => drill.Run()).Message, StringComparison.Ordinal));
            return;
        }

        var result = drill.Run();
        Assert.Equal(DrillOutcome.Refused, result.Judgement.Outcome);
        Assert.All(says, part => Assert.Contains(part, result.Judgement.Reason, StringComparison.Ordinal));
        Assert.DoesNotContain(result.Record.Timeline, e => e.Event is FaultRequested);
    }

    [Fact]
    public void BackupThatTheStandbyNeverSees_IsInconclusiveAndTheNamespaceComesBackAtHome()
    {
        TwinCluster? standby = null;
        var ready = 0;
        var drill = Drill();
        var result = (drill with
        {
            Yaml = drill.Yaml.Replace("seenWithin: 3m", "seenWithin: 1m", StringComparison.Ordinal),
            BesideFirst = (twin, _) => Task.FromResult(standby = twin),
            Meanwhile = async (_, clock, client, _) =>
            {
                await UntilLostAsync(client, clock);
                standby!.StopVelero();
            },
            After = async (_, here) => ready = await ReadyAsync(here),
        }).Run();
        Assert.Equal(DrillOutcome.Inconclusive, result.Judgement.Outcome);
        Assert.Contains("the Velero of cluster standby does not see backup chaosdrill-shop-", result.Judgement.Reason, StringComparison.Ordinal);
        Assert.True(result.Judgement.UndoComplete);
        Assert.Equal(3, ready);
    }

    [Theory]
    [InlineData("alter-object=configmaps/settings", "every object is as the backup has it")]
    [InlineData("drop-object=secrets/key", "every object of the backup is there")]
    [InlineData("partially-failed", "the restore is complete and without errors")]
    public void StandbyThatBringsBackSomethingElse_Fails(string order, string check)
    {
        var result = (Drill() with { BesideFirst = (_, client) => OrderAsync(client, TwinAnnotations.VeleroRestore, order) }).Run();
        Assert.Equal(DrillOutcome.Fail, result.Judgement.Outcome);
        Assert.Contains(result.Record.Timeline, e => e.Event is CheckMade { Held: false } made && made.Check == check);
        Assert.True(result.Judgement.UndoComplete);
    }

    [Fact]
    public void EntriesThatTheStandbyLacks_AreLost_ThoughTheOldClusterHasThem()
    {
        var yaml = Drill().Yaml.Replace("  steadyState:", "  ledger: { every: 100ms }\n  steadyState:", StringComparison.Ordinal)
            .Replace("    - veleroBackup: {}", "    - wait: { for: 30s }\n    - veleroBackup: {}", StringComparison.Ordinal)
            .Replace("    - dataLoss: { atMost: 5m }", "    - dataLoss: { atMostEntries: 0 }", StringComparison.Ordinal);
        var whole = (Drill() with { Yaml = yaml }).Run();
        var lacking = (Drill() with { Yaml = yaml, BesideFirst = (_, client) => OrderAsync(client, TwinAnnotations.VeleroRestore, "drop-object=configmaps/chaosdrill-ledger-*") }).Run();
        Assert.InRange(Lost(lacking) - Lost(whole), 250, 400);
    }

    [Fact]
    public void NamespaceThatSomebodyMakesThereMeanwhile_IsLeftAlone()
    {
        KubernetesClient? there = null;
        var uids = new List<string?>();
        var result = (Drill() with
        {
            BesideFirst = (_, client) => Task.FromResult(there = client),
            Meanwhile = async (_, clock, client, _) =>
            {
                await UntilLostAsync(client, clock);
                uids.Add((await there!.CreateAsync(Resources.Namespaces, null, new Namespace { Metadata = new ObjectMeta { Name = "shop" } })).Metadata.Uid);
            },
            After = async (_, _) => uids.Add((await there!.GetAsync(Resources.Namespaces, null, "shop")).Metadata.Uid),
        }).Run();
        Assert.Equal(DrillOutcome.Inconclusive, result.Judgement.Outcome);
        Assert.Contains("cluster standby: namespace shop is there already", result.Judgement.Reason, StringComparison.Ordinal);
        Assert.True(result.Judgement.UndoComplete);
        Assert.Equal(uids[0], uids[1]);
    }

    [Fact]
    public void Sweep_OfTheStandbyAlone_FindsAndRemovesTheNamespace()
    {
        KubernetesClient? there = null;
        string? done = null;
        var result = (Drill() with
        {
            BesideFirst = (_, client) => Task.FromResult(there = client),
            Meanwhile = async (_, clock, _, _) =>
            {
                while (await ReadyAsync(there!) < 3)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(50), clock);
                }

                var sweeping = new KubernetesCluster(there!, Standby, isTwin: false);
                var found = (await sweeping.FindLeftoversAsync(CancellationToken.None)).Single(u => u.Kind == "velero-elsewhere");
                done = await sweeping.UndoAsync(found, CancellationToken.None);
            },
        }).Run();
        Assert.Contains("namespace shop and restore velero/chaosdrill-", done, StringComparison.Ordinal);
        Assert.True(result.Judgement.UndoComplete);
    }

    [Fact]
    public void WayBack_WhoseContextLeadsElsewhereByNow_IsNotGoneThere()
    {
        KubernetesClient? there = null;
        var undos = new List<UndoRecord>();
        string? said = null;
        (Drill() with
        {
            BesideFirst = (_, client) => Task.FromResult(there = client),
            Undos = undos,
            After = async (_, here) =>
            {
                var moved = new KubernetesCluster(here, "twin", isTwin: false, others: new OtherClusters(_ => new KubernetesClient(new Uri("https://moved"), new SocketsHttpHandler(), here.Clock)));
                said = (await Assert.ThrowsAsync<UndoRefusedException>(() => moved.UndoAsync(undos.Single(u => u.Kind == "velero-elsewhere"), CancellationToken.None))).Message;
            },
        }).Run();
        Assert.Contains("it belongs to the cluster at https://standby.twin.invalid/, and the context standby leads to https://moved/ now", said, StringComparison.Ordinal);
        Assert.Equal(["000-lease", "000-lease-standby"], undos.Where(u => u.Kind == "lease").Select(u => u.Id));
    }

    private static async Task PutInTheWayAsync(string what, TwinCluster twin, KubernetesClient client)
    {
        switch (what)
        {
            case "namespace there":
                twin.Apply("apiVersion: v1\nkind: Namespace\nmetadata: { name: shop }\n");
                break;
            case "namespace going":
                twin.Apply("apiVersion: v1\nkind: Namespace\nmetadata: { name: shop }\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: held, namespace: shop, finalizers: [example.com/keep] }\n");
                await client.DeleteAsync(Resources.Namespaces, null, "shop", null);
                break;
            case "location away":
                await OrderAsync(client, TwinAnnotations.VeleroLocation, "unavailable");
                await Task.Delay(TimeSpan.FromSeconds(2), client.Clock);
                break;
            case "other bucket":
                await client.PatchAsync(Locations, "velero", "default", Patch.Merge(new JsonObject { ["spec"] = new JsonObject { ["objectStorage"] = new JsonObject { ["bucket"] = "elsewhere", ["prefix"] = "there/" } } }));
                break;
            case "restore running":
                twin.Apply("""
                    apiVersion: velero.io/v1
                    kind: Backup
                    metadata: { name: theirs, namespace: velero }
                    spec: { includedNamespaces: [default] }
                    """);
                await twin.WaitUntilSettledAsync(TimeSpan.FromMinutes(1));
                twin.Apply("""
                    apiVersion: velero.io/v1
                    kind: Restore
                    metadata: { name: somebody, namespace: velero, annotations: { twin.chaosdrill.dev/velero-restore: slow=30m } }
                    spec: { backupName: theirs, includedNamespaces: [default] }
                    """);
                await Task.Delay(TimeSpan.FromSeconds(5), client.Clock);
                break;
            case "locked":
                await client.CreateAsync(Resources.Leases, "velero", new Lease
                {
                    Metadata = new ObjectMeta { Name = "chaosdrill", Namespace = "velero" },
                    Spec = new LeaseSpec { HolderIdentity = "theirs", LeaseDurationSeconds = 60, RenewTime = client.Clock.GetUtcNow() },
                });
                break;
        }
    }

    private static double Lost(TwinDrill.Result result) =>
        result.Record.Timeline.Select(e => e.Event).OfType<FigureMeasured>().Single(f => f.Name == FigureNames.LostEntries).Value.Value!.Value;

    private static async Task<int> ReadyAsync(KubernetesClient client) => (await client.ListAsync(Resources.Pods, "shop")).Items.Count(p => p.IsReady && !p.IsTerminating);

    private static async Task UntilLostAsync(KubernetesClient client, VirtualClock clock)
    {
        while (await client.FindAsync(Resources.Namespaces, null, "shop") is not null)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), clock);
        }
    }

    private static async Task OrderAsync(KubernetesClient client, string annotation, string order) => await client.PatchAsync(
        Locations, "velero", "default", Patch.Merge(new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [annotation] = order } } }));

    /// <summary>What is in the standby that was not there before.</summary>
    private static async Task<List<string>> LeftAsync(KubernetesClient client) =>
    [
        .. (await client.ListAsync(Resources.Namespaces, null)).Items.Where(n => n.Metadata.Name == "shop").Select(_ => "namespace shop"),
        .. (await client.ListAsync(Restores, "velero")).Items.Select(_ => "a restore"),
        .. (await client.ListAsync(Resources.Leases, "velero")).Items.Select(l => $"lease {l.Metadata.Name}"),
        .. (await client.ListAsync(Resources.Any("", "v1", "persistentvolumes", "PersistentVolume", namespaced: false), null)).Items.Select(_ => "a volume"),
    ];

    private static TwinDrill Drill() => NamespaceLossTests.Drill() with
    {
        Beside = Standby,
        Yaml = """
            apiVersion: chaosdrill.dev/v1
            kind: Scenario
            metadata: { name: failover }
            spec:
              cluster: { namespace: shop }
              probes:
                - { name: there, context: standby, workload: { of: deployment/storefront }, every: 200ms }
              steadyState:
                - workload: deployment/storefront
              steps:
                - veleroBackup: {}
                - namespaceLoss: { confirm: shop, goneWithin: 1m }
                - veleroRestore: { to: standby, timeout: 10m, readyWithin: 2m, seenWithin: 3m }
                - awaitRecovery: { of: [probe/there], stableFor: 5s, timeout: 10m }
              objectives:
                - recoveryTime: { of: probe/there, atMost: 3m }
                - restoreFidelity: { atLeast: 100% }
                - dataLoss: { atMost: 5m }
            """,
    };
}
