using System.Text.Json.Nodes;
using ChaosDrill.Actions.Clusters;
using ChaosDrill.Actions.Restores.SelfTest;
using ChaosDrill.Engine.Drills;
using ChaosDrill.Engine.Planning;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Engine.Scenarios;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Timelines;
using ChaosDrill.Twin;

namespace ChaosDrill.Hosting;

/// <summary>
/// Holds the verification of Velero's restores against backups and restores that are known to be bad: a check that cannot
/// fail proves nothing. Each control is a whole drill on a twin of its own, in virtual time.
/// </summary>
internal static class VeleroSelfTest
{
    private const string Fresh = "veleroBackup: { volumeMarkers: [ { selector: app=storefront, folder: /data } ] }";

    private static readonly TimeSpan Settling = TimeSpan.FromMinutes(2);

    /// <summary>Every control; the first is sound.</summary>
    public static IReadOnlyList<VeleroControl> Controls { get; } =
    [
        new("a sound backup", Fresh, Says: null),
        new("a pinned old backup", "veleroBackupSelect: { backup: earlier }", "backupAge of backup was") { Earlier = "age=72h" },
        new("a pinned old backup, and maxAge", "veleroBackupSelect: { backup: earlier, maxAge: 26h }", "maxAge allows 26h") { Earlier = "age=72h" },
        new("a backup without the volume's data", Fresh, "these come back empty: orders") { Backups = "skip-volumes" },
        new("a volume restored without its bytes", Fresh, "has the bytes from before the backup") { Restores = "lose-bytes=orders" },
        new("a volume restored with other bytes", Fresh, "has the bytes from before the backup") { Restores = "alter-bytes=orders" },
        new("a volume with bytes from after the backup", Fresh, "has nothing from after the backup") { Restores = "live-bytes=orders" },
        new("an empty backup, Completed with a warning", Fresh, "it holds nothing of it") { Backups = "empty" },
        new("an empty restore, Completed with a warning", Fresh, "every object of the backup is there") { Restores = "empty" },
        new("a backup that PartiallyFailed", Fresh, "is complete: PartiallyFailed, 1 errors") { Backups = "partially-failed=configmaps/settings" },
        new("a restore that PartiallyFailed", Fresh, "without errors: PartiallyFailed, 1 errors") { Restores = "partially-failed" },
        new("an object missing", Fresh, "are missing: ConfigMap settings") { Restores = "drop-object=configmaps/settings" },
        new("an object altered", Fresh, "ConfigMap settings (data.CURRENCY") { Restores = "alter-object=configmaps/settings" },
        new("a secret altered, not shown", Fresh, "Secret key (data.api-key: differs (hidden))") { Restores = "alter-object=secrets/key" },
        new("a backup of the wrong namespace", "veleroBackupSelect: { backup: earlier }", "it holds nothing of it, only default") { EarlierOf = "default" },
        new("a restore into the wrong namespace", Fresh, "every object of the backup is there") { Restores = "wrong-namespace=elsewhere" },
        new("the storage hands out another run's backup", Fresh, "the marker from before the backup is back") { Backups = "content-of=earlier" },
        new("a marker from another run", Fresh, "says what another run wrote") { Restores = "alter-object=configmaps/chaosdrill-marker-*" },
    ];

    /// <summary>Runs every control, one after the other.</summary>
    /// <param name="seed">Seed of the twins and the drills.</param>
    public static IEnumerable<SelfTestResult> Run(int seed) => Controls.Select(control => Hold(control, seed));

    /// <summary>Runs one control.</summary>
    public static SelfTestResult Hold(VeleroControl control, int seed) => VirtualClock.Run(async clock =>
    {
        var (record, judgement) = await DrillAsync(control, seed, clock);
        var said = string.Join("; ", record.Timeline.Select(e => e.Event).OfType<CheckMade>().Where(c => c.Held != true).Select(c => $"{c.Check}: {c.Evidence}")
            .Append(judgement.Reason).Where(r => r is { Length: > 0 }).Distinct());
        var caught = judgement.Outcome is DrillOutcome.Fail or DrillOutcome.Inconclusive or DrillOutcome.Refused;
        return control.Says is null
            ? new SelfTestResult(control.Name, judgement.Outcome == DrillOutcome.Pass, said)
            : new SelfTestResult(control.Name, caught && said.Contains(control.Says, StringComparison.Ordinal), $"{judgement.Outcome}: {said}");
    });

    private static async Task<(DrillRecord, Judgement)> DrillAsync(VeleroControl control, int seed, VirtualClock clock)
    {
        var scenario = new ScenarioReader(Vocabulary.Full).Read(Scenario.Replace("BACKUP", control.Backup, StringComparison.Ordinal), "selftest");
        await using var twin = new TwinCluster(new TwinOptions { Velero = true, Seed = seed, Clock = clock });
        twin.Start();
        twin.Apply(Shop);
        await twin.WaitUntilSettledAsync(Settling);
        twin.Apply(Earlier.Replace("ORDERS", control.Earlier ?? "", StringComparison.Ordinal).Replace("NAMESPACE", control.EarlierOf, StringComparison.Ordinal));
        await twin.WaitUntilSettledAsync(Settling);
        var client = new KubernetesClient(new Uri("https://twin.invalid"), twin.CreateHandler(), clock);
        await using var cluster = new KubernetesCluster(client, "twin", isTwin: true);
        await client.PatchAsync(
            Resources.Any("velero.io", "v1", "backupstoragelocations", "BackupStorageLocation", namespaced: true), "velero", "default",
            Patch.Merge(new JsonObject
            {
                ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [TwinAnnotations.VeleroBackup] = control.Backups, [TwinAnnotations.VeleroRestore] = control.Restores } },
            }));
        var plan = await Planner.PlanAsync(scenario, cluster, seed, CancellationToken.None);
        var header = DrillHeaders.For(scenario, plan, "selftest", clock.GetUtcNow(), Tool.Version, probe => cluster.ProbeFor(probe, scenario).Summary);
        using var abort = new AbortSwitch();
        return await new DrillRun(scenario, header, cluster, new NoJournal(), clock, abort).RunAsync();
    }

    private const string Scenario = """
        apiVersion: chaosdrill.dev/v1
        kind: Scenario
        metadata: { name: selftest }
        spec:
          cluster: { namespace: shop }
          guards: { maxDuration: 3h }
          steps:
            - BACKUP
            - veleroRestoreVerify: { timeout: 30m, readyWithin: 2m }
          objectives:
            - restoreFidelity: { atLeast: 100% }
            - backupAge: { atMost: 26h }
        """;

    private const string Shop = """
        apiVersion: v1
        kind: Namespace
        metadata: { name: shop }
        ---
        apiVersion: v1
        kind: Namespace
        metadata: { name: elsewhere }
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: { name: storefront, namespace: shop }
        spec:
          replicas: 2
          selector: { matchLabels: { app: storefront } }
          template:
            metadata: { labels: { app: storefront } }
            spec:
              containers: [ { name: web, image: "shop/storefront:1", volumeMounts: [ { name: orders, mountPath: /data } ] } ]
              volumes: [ { name: orders, persistentVolumeClaim: { claimName: orders } } ]
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: { name: settings, namespace: shop }
        data: { CURRENCY: EUR }
        ---
        apiVersion: v1
        kind: Secret
        metadata: { name: key, namespace: shop }
        stringData: { api-key: not-a-real-key }
        ---
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata: { name: orders, namespace: shop, annotations: { twin.chaosdrill.dev/volume-data: "orders=42" } }
        spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } }
        """;

    private const string Earlier = """
        apiVersion: velero.io/v1
        kind: Backup
        metadata: { name: earlier, namespace: velero, annotations: { twin.chaosdrill.dev/velero-backup: "ORDERS" } }
        spec: { includedNamespaces: [NAMESPACE] }
        """;

    /// <summary>What the self-test leaves is gone with its twin.</summary>
    private sealed class NoJournal : IJournal
    {
        public void Begin(DrillHeader header)
        {
        }

        public void Append(string drillId, IReadOnlyList<TimelineEntry> entries)
        {
        }

        public void RecordUndo(UndoRecord undo)
        {
        }

        public void FinishUndo(string drillId, string undoId)
        {
        }

        public void End(string drillId, DrillEnd end, Judgement judgement)
        {
        }
    }
}

/// <summary>One way in which a restore can look good without being so.</summary>
/// <param name="Name">What is wrong.</param>
/// <param name="Backup">The step that makes or selects the backup.</param>
/// <param name="Says">What the drill must say of it, so that it is caught for its own sake; null for the sound control.</param>
internal sealed record VeleroControl(string Name, string Backup, string? Says)
{
    /// <summary>What befalls every backup of the drill.</summary>
    public string? Backups { get; init; }

    /// <summary>What befalls every restore of the drill.</summary>
    public string? Restores { get; init; }

    /// <summary>What befell the backup <c>earlier</c>, which is there before the drill.</summary>
    public string? Earlier { get; init; }

    /// <summary>The namespace that the backup <c>earlier</c> is of.</summary>
    public string EarlierOf { get; init; } = "shop";
}
