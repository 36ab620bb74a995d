using System.Text.Json.Nodes;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Timelines;
using ChaosDrill.Twin;
using Xunit;

namespace ChaosDrill.Acceptance.Virtual;

/// <summary>A namespace is lost only when its backup was looked at, and comes back, whatever becomes of the drill.</summary>
public sealed class NamespaceLossTests
{
    private const string Volume = """

        ---
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata: { name: orders, namespace: shop, annotations: { twin.chaosdrill.dev/volume-data: "orders=42" } }
        spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } }
        """;

    private static readonly Resource<System.Text.Json.JsonElement> Backups = Resources.Any("velero.io", "v1", "backups", "Backup", namespaced: true);

    private static readonly Resource<System.Text.Json.JsonElement> Restores = Resources.Any("velero.io", "v1", "restores", "Restore", namespaced: true);

    private static readonly Resource<System.Text.Json.JsonElement> Locations = Resources.Any("velero.io", "v1", "backupstoragelocations", "BackupStorageLocation", namespaced: true);

    [Fact]
    public void NamespaceLost_RestoredInPlace_PassesAndLeavesNoMark()
    {
        var left = new List<string>();
        var result = (Drill() with { After = async (_, client) => left = await LeftAsync(client) }).Run();

        Assert.True(result.Judgement.Outcome == DrillOutcome.Pass, result.Judgement.Reason);
        Assert.True(result.Judgement.UndoComplete);
        Assert.Empty(left);
        var timeline = result.Record.Timeline.OrderBy(e => e.Sequence).Select(e => e.Event).ToList();
        var marked = timeline.FindIndex(e => e is UndoRecorded { Description: var d } && d.StartsWith("restore namespace shop", StringComparison.Ordinal));
        Assert.InRange(marked, 0, timeline.FindIndex(e => e is FaultRequested) - 1);
        Assert.True(timeline.FindIndex(e => e is FaultTookEffect) < timeline.FindIndex(e => e is PhaseReached { Phase: PhaseNames.RestoreStarted }));
        Assert.Contains(timeline, e => e is CheckMade { Check: "the marker from before the backup is back", Held: true });
        Assert.InRange(result.Recovery.Time.Value!.Value, 1, 60);
    }

    [Fact]
    public void Aborted_WhileTheNamespaceIsAway_BringsItBack()
    {
        var pods = 0;
        var left = new List<string>();
        var result = (Drill() with
        {
            Meanwhile = async (_, clock, client, abort) =>
            {
                await UntilLostAsync(client, clock);
                abort.Abort("Ctrl-C");
            },
            After = async (_, client) =>
            {
                await Task.Delay(TimeSpan.FromSeconds(10), client.Clock);
                pods = (await client.ListAsync(Resources.Pods, "shop")).Items.Count(p => p.IsReady);
                left = await LeftAsync(client);
            },
        }).Run();
        Assert.Equal(DrillOutcome.Aborted, result.Judgement.Outcome);
        Assert.True(result.Judgement.UndoComplete);
        Assert.Equal(3, pods);
        Assert.Empty(left);
    }

    [Theory]
    [InlineData("empty", "it holds nothing of namespace shop")]
    [InlineData("skip-volumes", "the data of these volumes is not in it: orders: skipped due to volume policy")]
    [InlineData("download-404", "answered 404")]
    [InlineData("partially-failed", "is complete: PartiallyFailed")]
    public void DoubtfulBackup_KeepsTheNamespaceFromBeingDeleted(string order, string says)
    {
        string? uid = null, after = null;
        var result = (Drill() with
        {
            Before = async (_, client) =>
            {
                uid = (await client.GetAsync(Resources.Namespaces, null, "shop")).Metadata.Uid;
                await OrderAsync(client, TwinAnnotations.VeleroBackup, order);
            },
            After = async (_, client) => after = (await client.GetAsync(Resources.Namespaces, null, "shop")).Metadata.Uid,
        }).Run();
        Assert.NotEqual(DrillOutcome.Pass, result.Judgement.Outcome);
        Assert.Equal(uid, after);
        Assert.DoesNotContain(result.Record.Timeline, e => e.Event is FaultRequested);
        Assert.True(result.Judgement.UndoComplete);
        Assert.Contains(says, string.Join('\n', result.Record.Timeline.Select(e => e.Event).OfType<StepEnded>().Select(s => s.Reason).Append(result.Record.End?.Reason).Append(result.Judgement.Reason)), StringComparison.Ordinal);
    }

    [Fact]
    public void NoBackupChosen_NothingIsDeleted()
    {
        var result = (Drill() with { Yaml = Drill().Yaml.Replace("    - veleroBackup: {}\n", "", StringComparison.Ordinal) }).Run();
        Assert.Equal(DrillOutcome.Inconclusive, result.Judgement.Outcome);
        Assert.Contains("no backup was chosen before, so nothing was deleted", result.Judgement.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain(result.Record.Timeline, e => e.Event is FaultRequested);
    }

    [Fact]
    public void AnotherNameConfirmed_IsRefused()
    {
        var result = (Drill() with { Yaml = Drill().Yaml.Replace("confirm: shop", "confirm: shopp", StringComparison.Ordinal) }).Run();
        Assert.Equal(DrillOutcome.Refused, result.Judgement.Outcome);
        Assert.Contains("confirms the loss of namespace shopp, but the scenario's namespace is shop", result.Plan.Refusals[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FinalizerThatHoldsTheNamespace_IsNamedAndLeftAlone()
    {
        var finalizers = 0;
        var result = (Drill() with
        {
            Manifest = TwinDrill.Shop.Replace("metadata: { name: settings, namespace: shop,", "metadata: { name: settings, namespace: shop, finalizers: [example.com/keep],", StringComparison.Ordinal),
            After = async (_, client) => finalizers = (await client.GetAsync(Resources.ConfigMaps, "shop", "settings")).Metadata.Finalizers.Count,
        }).Run();
        Assert.Equal(DrillOutcome.Inconclusive, result.Judgement.Outcome);
        Assert.Contains("example.com/keep in 1 resource instances", result.Judgement.Reason, StringComparison.Ordinal);
        Assert.Equal(1, finalizers);
        Assert.False(result.Judgement.UndoComplete);
    }

    [Theory]
    [InlineData("alter-object=configmaps/settings", "every object is as the backup has it")]
    [InlineData("drop-object=secrets/key", "every object of the backup is there")]
    public void RestoreThatBringsBackSomethingElse_Fails(string order, string check)
    {
        var result = (Drill() with { Before = (_, client) => OrderAsync(client, TwinAnnotations.VeleroRestore, order) }).Run();
        Assert.Equal(DrillOutcome.Fail, result.Judgement.Outcome);
        Assert.Contains(result.Record.Timeline, e => e.Event is CheckMade { Held: false } made && made.Check == check);
    }

    [Fact]
    public void RestoreThatDiedHalfway_IsMadeAgainByTheUndo()
    {
        var (ready, restores) = (0, 0);
        var result = (Drill() with
        {
            Before = (_, client) => OrderAsync(client, TwinAnnotations.VeleroRestore, "server-restart"),
            Meanwhile = async (_, clock, client, _) =>
            {
                await UntilLostAsync(client, clock);
                while (!(await client.ListAsync(Restores, "velero")).Items.Any(r => r.TryGetProperty("status", out var s) && s.GetProperty("phase").GetString() == "InProgress"))
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(20), clock);
                }

                await OrderAsync(client, TwinAnnotations.VeleroRestore, null);
            },
            After = async (_, client) =>
            {
                await Task.Delay(TimeSpan.FromSeconds(10), client.Clock);
                ready = (await client.ListAsync(Resources.Pods, "shop")).Items.Count(p => p.IsReady);
                restores = (await client.ListAsync(Restores, "velero")).Items.Count;
            },
        }).Run();
        Assert.Equal(DrillOutcome.Fail, result.Judgement.Outcome);
        Assert.True(result.Judgement.UndoComplete);
        Assert.Equal((3, 2), (ready, restores));
        Assert.Contains(result.Record.Timeline, e => e.Event is UndoFinished { Succeeded: true } undo && undo.Detail.Contains("with every object of backup", StringComparison.Ordinal));
    }

    [Fact]
    public void SlowUndo_TakesTheTimeThatItNeeds()
    {
        var result = (Drill() with
        {
            Before = (_, client) => OrderAsync(client, TwinAnnotations.VeleroRestore, "slow=20m"),
            Meanwhile = async (_, clock, client, abort) =>
            {
                await UntilLostAsync(client, clock);
                abort.Abort("Ctrl-C");
            },
            After = async (_, client) => Assert.Empty(await LeftAsync(client)),
        }).Run();
        Assert.Equal(ExitCode.Aborted, ExitCodes.Of(result.Judgement));
        Assert.True(result.Record.Timeline[^1].At > TimeSpan.FromMinutes(20));
    }

    /// <summary>What keeps the undo from restoring, and what a person is told then.</summary>
    public static TheoryData<string, string[]> Hindrances => new()
    {
        { "location", ["FailedValidation", "The BSL default is unavailable", "velero restore create --from-backup chaosdrill-shop-", "--include-namespaces shop"] },
        { "somebody else", ["was not restored from backup chaosdrill-shop-", "somebody else made it", "velero restore create --from-backup chaosdrill-shop-"] },
        { "lost object", ["lacks Secret key", "velero restore logs chaosdrill-undo-", "velero restore create --from-backup chaosdrill-shop-"] },
        { "endless", ["after 1h1m restore velero/chaosdrill-undo-", "is still InProgress", "chaosdrill undo drill-1"] },
    };

    [Theory]
    [MemberData(nameof(Hindrances))]
    public void UndoThatCannotRestore_AsksForAPerson(string what, string[] says)
    {
        var result = (Drill() with
        {
            Meanwhile = async (_, clock, client, abort) =>
            {
                await UntilLostAsync(client, clock);
                switch (what)
                {
                    case "location":
                        await OrderAsync(client, TwinAnnotations.VeleroLocation, "unavailable");
                        break;
                    case "somebody else":
                        await client.CreateAsync(Resources.Namespaces, null, new Namespace { Metadata = new ObjectMeta { Name = "shop" } });
                        break;
                    default:
                        await OrderAsync(client, TwinAnnotations.VeleroRestore, what == "endless" ? "slow=3h" : "drop-object=secrets/key");
                        break;
                }

                abort.Abort("Ctrl-C");
            },
        }).Run();
        Assert.Equal(ExitCode.UndoIncomplete, ExitCodes.Of(result.Judgement));
        var said = result.Record.Timeline.Select(e => e.Event).OfType<UndoFinished>().Single(u => !u.Succeeded).Detail;
        Assert.All(says, part => Assert.Contains(part, said, StringComparison.Ordinal));
    }

    private static async Task UntilLostAsync(KubernetesClient client, VirtualClock clock)
    {
        while (await client.FindAsync(Resources.Namespaces, null, "shop") is not null)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), clock);
        }
    }

    internal static TwinDrill Drill() => new()
    {
        Twin = new TwinOptions { Velero = true },
        Manifest = TwinDrill.Shop + Volume,
        Yaml = """
            apiVersion: chaosdrill.dev/v1
            kind: Scenario
            metadata: { name: namespace-loss }
            spec:
              cluster: { namespace: shop }
              steadyState:
                - workload: deployment/storefront
              steps:
                - veleroBackup: {}
                - namespaceLoss: { confirm: shop, goneWithin: 1m }
                - veleroRestore: { timeout: 10m, readyWithin: 2m }
                - awaitRecovery: { of: [deployment/storefront], stableFor: 5s, timeout: 10m }
              objectives:
                - recoveryTime: { of: deployment/storefront, atMost: 2m }
                - restoreFidelity: { atLeast: 100% }
                - dataLoss: { atMost: 5m }
            """,
    };

    private static async Task OrderAsync(KubernetesClient client, string annotation, string? order) => await client.PatchAsync(
        Locations, "velero", "default", Patch.Merge(new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [annotation] = order } } }));

    /// <summary>Marks, markers and locks that are still there.</summary>
    private static async Task<List<string>> LeftAsync(KubernetesClient client) =>
    [
        .. (await client.ListAsync(Backups, "velero")).Items.Where(b => b.GetProperty("metadata").TryGetProperty("annotations", out var a) && a.TryGetProperty("chaosdrill.dev/undo", out _)).Select(_ => "mark on a backup"),
        .. (await client.ListAsync(Resources.ConfigMaps, null)).Items.Where(m => m.Metadata.Name!.StartsWith("chaosdrill", StringComparison.Ordinal)).Select(m => m.Metadata.Name!),
        .. (await client.ListAsync(Resources.Leases, "shop")).Items.Select(l => $"lease {l.Metadata.Name}"),
    ];
}
