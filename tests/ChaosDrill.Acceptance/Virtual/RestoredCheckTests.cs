using System.Text.Json.Nodes;
using ChaosDrill.Actions;
using ChaosDrill.Engine.Scenarios;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Timelines;
using ChaosDrill.Twin;
using Xunit;

namespace ChaosDrill.Acceptance.Virtual;

/// <summary>What a scenario asks of what was restored, and the bytes of volumes: each question was seen to hold, to fail, and not to be askable.</summary>
public sealed class RestoredCheckTests
{
    private const string Disk = "count=1042\ncurrency=EUR";

    private const string Store = TwinDrill.Shop + """

        ---
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata: { name: orders, namespace: shop, annotations: { twin.chaosdrill.dev/volume-data: "count=1042\ncurrency=EUR" } }
        spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } }
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: { name: orders, namespace: shop }
        spec:
          selector: { matchLabels: { app: orders } }
          template:
            metadata: { labels: { app: orders } }
            spec:
              containers: [ { name: store, image: "shop/orders:1", volumeMounts: [ { name: disk, mountPath: /data } ] } ]
              volumes: [ { name: disk, persistentVolumeClaim: { claimName: orders } } ]
        """;

    private const string Markers = "veleroBackup: { volumeMarkers: [ { selector: app=orders, folder: /data } ] }";

    [Fact]
    public void MarkersInAVolume_ComeBackAndAreRemoved()
    {
        var disks = new List<string?>();
        var result = (Drill(Markers, "[]") with { After = async (_, client) => disks = await DisksAsync(client) }).Run();

        Assert.True(result.Judgement.Outcome == DrillOutcome.Pass, result.Judgement.Reason);
        Assert.True(result.Judgement.UndoComplete);
        Assert.Equal([Disk], disks);
        Assert.Contains(Checks(result), c => c is { Check: "the volume of app=orders has the bytes from before the backup", Held: true });
        Assert.Contains(Checks(result), c => c is { Check: "the volume of app=orders has nothing from after the backup", Held: true });
    }

    [Theory]
    [InlineData("lose-bytes=orders", "the volume of app=orders has the bytes from before the backup")]
    [InlineData("alter-bytes=orders", "the volume of app=orders has the bytes from before the backup")]
    [InlineData("live-bytes=orders", "the volume of app=orders has nothing from after the backup")]
    public void VolumeWhoseBytesAreNotTheBackups_Fails(string order, string check)
    {
        var result = (Drill(Markers, "[]") with { Before = (_, client) => OrderAsync(client, order) }).Run();
        Assert.Equal(DrillOutcome.Fail, result.Judgement.Outcome);
        Assert.Equal(check, Assert.Single(Checks(result), c => c.Held != true).Check);
        Assert.True(result.Judgement.UndoComplete);
    }

    /// <summary>A check, what becomes of the drill, and what is said of the check.</summary>
    public static TheoryData<string, DrillOutcome, string> Asked => new()
    {
        { "exec: { selector: app=orders, command: [cat, /data/count], atLeast: 1042 }", DrillOutcome.Pass, "it prints 1042, at least 1042 is asked for" },
        { "exec: { selector: app=orders, command: [cat, /data/count], atLeast: 1043 }", DrillOutcome.Fail, "it prints 1042, at least 1043 is asked for" },
        { "exec: { selector: app=orders, command: [cat, /data/currency], atLeast: 1 }", DrillOutcome.Inconclusive, "3 characters that are not shown, and no number" },
        { "exec: { selector: app=orders, command: [cat, /data/currency], equalTo: EUR }", DrillOutcome.Pass, "it prints what is asked for" },
        { "exec: { selector: app=orders, command: [cat, /data/currency], equalTo: USD }", DrillOutcome.Fail, "3 characters that are not shown, and not what is asked for" },
        { "exec: { selector: app=orders, command: [cat, /data/missing] }", DrillOutcome.Fail, "can't open '/data/missing': No such file or directory" },
        { "exec: { selector: app=orders, command: [psql] }", DrillOutcome.Inconclusive, "psql could not be run in pod" },
        { "exec: { selector: app=nobody, command: ['true'] }", DrillOutcome.Inconclusive, "matches app=nobody" },
        { "exec: { selector: app=orders, command: [sleep, '100'], timeout: 5s }", DrillOutcome.Inconclusive, "did not end within 5s" },
        { "exec: { selector: app=orders, container: other, command: ['true'] }", DrillOutcome.Inconclusive, "container" },
        { $"checksum: {{ selector: app=orders, file: /data/currency, sha256: {Sha256("EUR")} }}", DrillOutcome.Pass, "the bytes are the same" },
        { $"checksum: {{ selector: app=orders, file: /data/currency, sha256: {Sha256("USD")} }}", DrillOutcome.Fail, $"its SHA-256 is {Sha256("EUR")}" },
        { $"checksum: {{ selector: app=orders, file: /data/missing, sha256: {Sha256("EUR")} }}", DrillOutcome.Fail, "No such file" },
        { "http: { service: storefront, port: 80, path: /healthz }", DrillOutcome.Pass, "it answers" },
        { "http: { service: storefront, port: 80, from: app=orders }", DrillOutcome.Pass, "it answers" },
        { "http: { service: storefront, port: 80, contains: no such text }", DrillOutcome.Fail, "without the text" },
        { "http: { service: storefront, port: 80, contains: no such text, from: app=orders }", DrillOutcome.Fail, "without the text" },
        { "http: { service: nowhere, port: 80 }", DrillOutcome.Fail, "not found" },
        { "http: { service: nowhere, port: 80, from: app=orders }", DrillOutcome.Fail, "bad address" },
        { "http: { service: storefront, port: 80, from: app=nobody }", DrillOutcome.Inconclusive, "matches app=nobody" },
    };

    [Theory]
    [MemberData(nameof(Asked))]
    public void Check_OfTheRestoredNamespace_DecidesTheDrill(string check, DrillOutcome outcome, string says)
    {
        var result = Drill("veleroBackup: {}", $"[ {{ name: asked, {check} }} ]").Run();
        Assert.True(result.Judgement.Outcome == outcome, result.Judgement.Reason);
        Assert.Contains(says, Assert.Single(Checks(result), c => c.Check == "asked").Evidence, StringComparison.Ordinal);
        Assert.DoesNotContain("EUR\"", result.Judgement.Reason ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("selector: app=orders, folder: /tmp", "mounts no volume claim at /tmp")]
    [InlineData("selector: app=nobody, folder: /data", "no ready pod in namespace shop matches app=nobody")]
    [InlineData("selector: app=orders, container: other, folder: /data", "has no container other")]
    public void MarkerThatCannotBePlanted_IsRefused(string place, string says)
    {
        var result = Drill($"veleroBackup: {{ volumeMarkers: [ {{ {place} }} ] }}", "[]").Run();
        Assert.Equal(DrillOutcome.Refused, result.Judgement.Outcome);
        Assert.Contains(says, result.Plan.Refusals[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MarkerThatNoPodCanRemove_AsksForAPerson()
    {
        var result = (Drill(Markers, "[]") with
        {
            Meanwhile = async (_, clock, client, abort) =>
            {
                while (!(await DisksAsync(client)).Any(d => d!.Contains("chaosdrill-marker-before", StringComparison.Ordinal)))
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(50), clock);
                }

                await client.PatchAsync(Resources.Deployments, "shop", "orders", Patch.Merge(JsonNode.Parse("""{"spec":{"replicas":0}}""")!));
                while ((await client.ListAsync(Resources.Pods, "shop", new ListOptions { LabelSelector = "app=orders" })).Items.Count > 0)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(50), clock);
                }

                abort.Abort("Ctrl-C");
            },
        }).Run();
        Assert.Equal(ExitCode.UndoIncomplete, ExitCodes.Of(result.Judgement));
        Assert.Contains(result.Record.Timeline, e => e.Event is UndoFinished { Succeeded: false, Detail: var said } && said.Contains("kubectl exec -n shop POD -- rm /data/chaosdrill-marker-before-", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{ name: a }", "a check asks one thing")]
    [InlineData("{ name: a, exec: { selector: '', command: [x] } }", "the text is empty")]
    [InlineData("{ name: a, exec: { selector: app=a, command: [x], equalTo: '1', atLeast: 1 } }", "write equalTo or atLeast")]
    [InlineData("{ name: a, checksum: { selector: app=a, file: /x, sha256: abc } }", "a SHA-256 is 64 hexadecimal digits")]
    [InlineData("{ name: a, http: { service: a, port: 80, path: x } }", "write path: /x")]
    public void CheckThatAsksNothing_IsABadScenario(string check, string says)
    {
        var reader = new ScenarioReader(ScenarioVocabulary.BuiltIn.With(ActionVocabulary.Steps, ActionVocabulary.Probes));
        var thrown = Assert.Throws<ScenarioException>(() => reader.Read(Drill("veleroBackup: {}", $"[ {check} ]").Yaml, "test.yaml"));
        Assert.Contains(says, thrown.Message, StringComparison.Ordinal);
    }

    private static TwinDrill Drill(string backup, string checks) => new()
    {
        Twin = new TwinOptions { Velero = true },
        Manifest = Store,
        Yaml = $$"""
            apiVersion: chaosdrill.dev/v1
            kind: Scenario
            metadata: { name: restore-verify }
            spec:
              cluster: { namespace: shop }
              steps:
                - {{backup}}
                - veleroRestoreVerify: { timeout: 30m, readyWithin: 2m, checks: {{checks}} }
              objectives:
                - restoreFidelity: { atLeast: 100% }
            """,
    };

    private static string Sha256(string text) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(text)));

    private static IEnumerable<CheckMade> Checks(TwinDrill.Result result) => result.Record.Timeline.Select(e => e.Event).OfType<CheckMade>();

    private static async Task<List<string?>> DisksAsync(KubernetesClient client) =>
        [.. (await client.ListAsync(Resources.Any("", "v1", "persistentvolumes", "PersistentVolume", false), null)).Items.Select(v => (string?)JsonObject.Create(v)!["metadata"]!["annotations"]![TwinAnnotations.VolumeData])];

    private static async Task OrderAsync(KubernetesClient client, string order) => await client.PatchAsync(
        Resources.Any("velero.io", "v1", "backupstoragelocations", "BackupStorageLocation", namespaced: true), "velero", "default",
        Patch.Merge(new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [TwinAnnotations.VeleroRestore] = order } } }));
}
