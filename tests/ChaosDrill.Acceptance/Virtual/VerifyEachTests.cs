using System.Text.Json.Nodes;
using ChaosDrill.Actions;
using ChaosDrill.Engine.Scenarios;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Timelines;
using ChaosDrill.Twin;
using Xunit;

namespace ChaosDrill.Acceptance.Virtual;

/// <summary>Ten namespaces of one backup, verified in one drill: a row each, a few at once, and the worst row decides.</summary>
public sealed class VerifyEachTests
{
    private static readonly string[] Namespaces = [.. Enumerable.Range(1, 10).Select(i => $"team-{i}")];

    [Fact]
    public void TenGoodNamespaces_PassWithARowEach_AFewAtOnce()
    {
        var most = 0;
        var left = new List<string>();
        var result = (Drill() with
        {
            Meanwhile = async (_, clock, client, _) =>
            {
                while (clock.Elapsed < TimeSpan.FromMinutes(4))
                {
                    most = Math.Max(most, (await ScratchAsync(client)).Count);
                    await Task.Delay(TimeSpan.FromMilliseconds(500), clock);
                }
            },
            After = async (_, client) => left = await ScratchAsync(client),
        }).Run();

        Assert.True(result.Judgement.Outcome == DrillOutcome.Pass, result.Judgement.Reason);
        Assert.Equal(Namespaces.Select(n => $"namespace {n} is restored as it was").Order(StringComparer.Ordinal), Rows(result).Select(r => r.Check).Order(StringComparer.Ordinal));
        Assert.All(Rows(result), r => Assert.True(r.Held));
        Assert.Equal(3, most);
        Assert.Empty(left);
        Assert.All(result.Judgement.Objectives, o => Assert.Equal(Namespaces.Order(StringComparer.Ordinal), o.Measure.Values.Select(v => v.Subject).Order(StringComparer.Ordinal)));
    }

    [Theory]
    [InlineData("alter-object=configmaps/of-team-7", DrillOutcome.Fail, false)]
    [InlineData("drop-object=configmaps/of-team-7", DrillOutcome.Fail, false)]
    public void OneBadNamespace_FailsTheDrill(string order, DrillOutcome outcome, bool? held)
    {
        var result = (Drill() with
        {
            Meanwhile = (_, _, client, _) => client.PatchAsync(
                Resources.Any("velero.io", "v1", "backupstoragelocations", "BackupStorageLocation", namespaced: true), "velero", "default",
                Patch.Merge(new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [TwinAnnotations.VeleroRestore] = order } } })),
        }).Run();
        Assert.Equal(outcome, result.Judgement.Outcome);
        Assert.Equal(10, Rows(result).Count);
        Assert.Equal("namespace team-7 is restored as it was", Assert.Single(Rows(result), r => r.Held == held).Check);
        Assert.EndsWith("(team-7)", result.Judgement.Objectives.Single(o => o.Verdict == Verdict.Fail).Reason, StringComparison.Ordinal);
        Assert.Contains(Checks(result), c => c.Held == false && c.Check.StartsWith("team-7: every object", StringComparison.Ordinal));
    }

    [Fact]
    public void OneNamespaceThatCannotBeKnown_LeavesTheDrillInconclusive()
    {
        // In one namespace the program of the check is not there.
        var result = Drill(checks: "[ { name: answers, exec: { selector: app=web, command: [only-in-most] } } ]").Run();
        Assert.True(result.Judgement.Outcome == DrillOutcome.Inconclusive, result.Judgement.Reason);
        Assert.Equal("namespace team-4 is restored as it was", Assert.Single(Rows(result), r => r.Held is null).Check);
        Assert.Equal(9, Rows(result).Count(r => r.Held == true));
    }

    [Fact]
    public void NamespaceThatTheBackupDoesNotHold_Fails()
    {
        var result = Drill(also: ", team-11").Run();
        Assert.Equal(DrillOutcome.Fail, result.Judgement.Outcome);
        Assert.Equal("namespace team-11 is restored as it was", Assert.Single(Rows(result), r => r.Held == false).Check);
    }

    [Fact]
    public void NamespaceNamedTwice_IsABadScenario()
    {
        var reader = new ScenarioReader(ScenarioVocabulary.BuiltIn.With(ActionVocabulary.Steps, ActionVocabulary.Probes));
        var thrown = Assert.Throws<ScenarioException>(() => reader.Read(Drill(also: ", team-1").Yaml, "test.yaml"));
        Assert.Contains("team-1 is named twice", thrown.Message, StringComparison.Ordinal);
    }

    private static TwinDrill Drill(string checks = "[]", string also = "") => new()
    {
        Twin = new TwinOptions { Velero = true },
        Manifest = string.Join("\n---\n", Namespaces.Select(n => $$"""
            apiVersion: v1
            kind: Namespace
            metadata: { name: {{n}} }
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata: { name: of-{{n}}, namespace: {{n}} }
            data: { TEAM: {{n}} }
            ---
            apiVersion: apps/v1
            kind: Deployment
            metadata: { name: web, namespace: {{n}} }
            spec:
              selector: { matchLabels: { app: web } }
              template:
                metadata:
                  labels: { app: web }
                  annotations: { twin.chaosdrill.dev/exec: '{{(n == "team-4" ? "other" : "only-in-most")}}: { output: "well" }' }
                spec: { containers: [ { name: web, image: "team/web:1" } ] }
            """).Append("""
            apiVersion: velero.io/v1
            kind: Backup
            metadata: { name: nightly, namespace: velero, annotations: { twin.chaosdrill.dev/velero-backup: "start-after=20s" } }
            spec: { includedNamespaces: ["*"], excludedNamespaces: [velero, kube-system, kube-public, kube-node-lease, default] }
            """)),
        Yaml = $$"""
            apiVersion: chaosdrill.dev/v1
            kind: Scenario
            metadata: { name: ten }
            spec:
              cluster: { namespace: team-1 }
              steps:
                - veleroBackupSelect: { backup: nightly }
                - veleroRestoreVerify:
                    forEach: { namespaces: [{{string.Join(", ", Namespaces)}}{{also}}], atOnce: 3 }
                    readyWithin: 2m
                    checks: {{checks}}
              objectives:
                - restoreFidelity: { atLeast: 100% }
                - restoreTime: { atMost: 15m }
            """,
    };

    private static IEnumerable<CheckMade> Checks(TwinDrill.Result result) => result.Record.Timeline.Select(e => e.Event).OfType<CheckMade>();

    private static List<CheckMade> Rows(TwinDrill.Result result) => [.. Checks(result).Where(c => c.Check.EndsWith("is restored as it was", StringComparison.Ordinal))];

    private static async Task<List<string>> ScratchAsync(KubernetesClient client) =>
        [.. (await client.ListAsync(Resources.Namespaces, null)).Items.Select(n => n.Metadata.Name!).Where(n => n.Contains("-drill-", StringComparison.Ordinal))];
}
