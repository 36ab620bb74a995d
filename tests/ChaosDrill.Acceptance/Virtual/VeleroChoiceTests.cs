using System.Text.Json.Nodes;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Timelines;
using ChaosDrill.Twin;
using Xunit;
using static ChaosDrill.Acceptance.Virtual.VeleroShop;

namespace ChaosDrill.Acceptance.Virtual;

/// <summary>Which backup a restore drill takes, and what keeps it from starting or from knowing.</summary>
public sealed class VeleroChoiceTests
{
    private const string Restorer = "system:serviceaccount:default:restorer";

    private static string RestorerMay(string groups) => $$"""
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata: { name: restorer }
        rules:
          - { apiGroups: [{{groups}}], resources: ["*"], verbs: ["*"] }
          - { apiGroups: [""], resources: [namespaces, nodes, pods, pods/exec, services, services/proxy, configmaps, secrets, serviceaccounts, persistentvolumeclaims, persistentvolumes, events], verbs: ["*"] }
          - { apiGroups: [authorization.k8s.io], resources: ["*"], verbs: [create] }
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: { name: restorer }
        roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: restorer }
        subjects: [ { kind: ServiceAccount, name: restorer, namespace: default } ]
        """;

    [Fact]
    public void SelectedBackup_OfASchedule_IsTheLatestGoodOne()
    {
        var result = (Drill("veleroBackupSelect: { schedule: nightly, maxAge: 26h }") with
        {
            Before = async (_, client) =>
            {
                await BackupAsync(client, "nightly-1", """{"twin.chaosdrill.dev/velero-backup":"age=20h"}""", """["shop"]""");
                await BackupAsync(client, "nightly-2", """{"twin.chaosdrill.dev/velero-backup":"age=4h"}""", """["shop"]""");
                await BackupAsync(client, "nightly-3", """{"twin.chaosdrill.dev/velero-backup":"age=1h,partially-failed"}""", """["shop"]""");
            },
        }).Run();
        Assert.Equal((DrillOutcome.Pass, null), (result.Judgement.Outcome, Why(result)));
        Assert.StartsWith("restore from backup nightly-2,", result.Plan.Steps[0].Summary, StringComparison.Ordinal);
        var age = result.Judgement.Objectives.Single(o => o.Goal.Metric == "backupAge").Measure.Values[0].Value!.Value;
        Assert.InRange(age, 4 * 3600, (4 * 3600) + 120);
    }

    [Fact]
    public void OldBackup_WithoutMaxAge_FailsTheObjective()
    {
        var result = (Drill("veleroBackupSelect: { backup: old }") with { Before = (_, client) => BackupAsync(client, "old", """{"twin.chaosdrill.dev/velero-backup":"age=72h"}""", """["shop"]""") }).Run();
        Assert.Equal(DrillOutcome.Fail, result.Judgement.Outcome);
        Assert.Contains("backupAge of backup was", Why(result), StringComparison.Ordinal);
    }

    [Fact]
    public void BackupOfAnotherNamespace_Fails()
    {
        var result = (Drill("veleroBackupSelect: { backup: other }") with { Before = (_, client) => BackupAsync(client, "other", "{}", """["default"]""") }).Run();
        Assert.Equal(DrillOutcome.Fail, result.Judgement.Outcome);
        Assert.Contains("the backup holds namespace shop: it holds nothing of it, only default", Why(result), StringComparison.Ordinal);
    }

    public static TheoryData<string, string, string> Refusals => new()
    {
        { "old", "ago; maxAge allows 26h", "raise maxAge" },
        { "failed", "backup failed is no good source: PartiallyFailed, 1 errors, 0 warnings", "velero backup logs failed" },
        { "missing", "there is no backup velero/missing", "kubectl get backups -n velero" },
        { "unavailable", "backup storage location velero/default is Unavailable", "check its bucket and credentials" },
        { "busy", "restore velero/other is InProgress; Velero restores one at a time", "kubectl delete restore -n velero other" },
        { "gone", "namespace \"shop\" does not exist in cluster twin, or is being deleted", "spec.cluster.namespace" },
        { "backup where it is unavailable", "backup storage location velero/default is Unavailable", "check its bucket and credentials" },
        { "no location", "backup storage location velero/attic does not exist", "kubectl get backupstoragelocations -n velero" },
        { "elsewhere", "namespace elsewhere holds no backup storage location", "veleroNamespace" },
        { "no velero", "Velero is not installed in this cluster", "twin: { velero: true }" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void Obstacle_IsRefusedInWordsThatSayWhatToDo(string what, string says, string mend)
    {
        var drill = Drill(what switch
        {
            "elsewhere" => "veleroBackup: { veleroNamespace: elsewhere }",
            "no location" => "veleroBackup: { storageLocation: attic }",
            "backup where it is unavailable" => "veleroBackup: {}",
            _ => $"veleroBackupSelect: {{ backup: '{(what is "old" or "failed" or "missing" ? what : "good")}', maxAge: 26h }}",
        }) with
        {
            Twin = what == "no velero" ? new TwinOptions() : WithVelero,
            Before = async (_, client) =>
            {
                if (what == "no velero")
                {
                    return;
                }

                await BackupAsync(client, "good", "{}", """["shop"]""");
                await BackupAsync(client, "old", """{"twin.chaosdrill.dev/velero-backup":"age=72h"}""", """["shop"]""");
                await BackupAsync(client, "failed", """{"twin.chaosdrill.dev/velero-backup":"partially-failed"}""", """["shop"]""");
                if (what.EndsWith("unavailable", StringComparison.Ordinal))
                {
                    await OrderAsync(client, TwinAnnotations.VeleroLocation, "unavailable");
                    await Task.Delay(TimeSpan.FromSeconds(1), client.Clock);
                }
                else if (what == "gone")
                {
                    await client.PatchAsync(Resources.ConfigMaps, "shop", "settings", Patch.Merge(JsonNode.Parse("""{"metadata":{"finalizers":["example.com/keep"]}}""")!));
                    await client.DeleteAsync(Resources.Namespaces, null, "shop");
                }
                else if (what == "busy")
                {
                    await CreateAsync(client, Restores, "Restore", "other", """{"twin.chaosdrill.dev/velero-restore":"slow=1h"}""", """{"backupName":"good","namespaceMapping":{"shop":"else"}}""");
                    await Task.Delay(TimeSpan.FromSeconds(1), client.Clock);
                }
            },
        };
        var result = drill.Run();
        Assert.Equal(DrillOutcome.Refused, result.Judgement.Outcome);
        var refusal = result.Plan.Refusals[0];
        Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(mend, refusal.Mend, StringComparison.Ordinal);
        Assert.DoesNotContain(result.Record.Timeline, e => e.Event is UndoRecorded);
    }

    [Fact]
    public void RestoreOfSomebodyElse_BegunMeanwhile_LeavesTheDrillInconclusive()
    {
        var result = (Drill("veleroBackup: {}") with
        {
            Before = (_, client) => BackupAsync(client, "good", "{}", """["shop"]"""),
            Meanwhile = async (_, _, client, _) => await CreateAsync(
                client, Restores, "Restore", "other", """{"twin.chaosdrill.dev/velero-restore":"slow=1h"}""", """{"backupName":"good","namespaceMapping":{"shop":"else"}}"""),
        }).Run();
        Assert.Equal(DrillOutcome.Inconclusive, result.Judgement.Outcome);
        Assert.Contains("; Velero restores one at a time, so the measured times would be those of both", result.Judgement.Reason, StringComparison.Ordinal);
        Assert.True(result.Judgement.UndoComplete);
    }

    [Fact]
    public void RestoreThatWaitsInLine_NamesTheOneBefore()
    {
        var result = (Drill("veleroBackup: {}") with
        {
            Before = (_, client) => BackupAsync(client, "good", "{}", """["shop"]"""),
            Meanwhile = async (_, clock, client, _) =>
            {
                // After the step has looked whether it is alone, and before it restores.
                while ((await client.ListAsync(Downloads, "velero")).Items.Count == 0)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(1), clock);
                }

                await CreateAsync(client, Restores, "Restore", "other", """{"twin.chaosdrill.dev/velero-restore":"slow=31m"}""", """{"backupName":"good","namespaceMapping":{"shop":"else"}}""");
            },
        }).Run();
        Assert.Equal(DrillOutcome.Inconclusive, result.Judgement.Outcome);
        Assert.Contains("after 30m it is New; Velero restores one at a time, and other is InProgress", result.Judgement.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void RightThatIsMissingForWhatEveryNamespaceHas_RefusesTheDrill()
    {
        var result = (Drill("veleroBackup: {}") with { User = Restorer, Also = RestorerMay("velero.io, networking.k8s.io, coordination.k8s.io, discovery.k8s.io") }).Run();
        Assert.Equal(DrillOutcome.Refused, result.Judgement.Outcome);
        Assert.Contains("not allowed to get, list deployments.apps", result.Judgement.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void RightThatIsMissingForAKindOfTheBackup_LeavesTheDrillInconclusive()
    {
        var result = (Drill("veleroBackup: {}") with
        {
            User = Restorer,
            Also = RestorerMay("velero.io, networking.k8s.io, coordination.k8s.io, discovery.k8s.io, apps, batch, policy, rbac.authorization.k8s.io") + """

                ---
                apiVersion: v1
                kind: ResourceQuota
                metadata: { name: limits, namespace: shop }
                spec: { hard: { pods: "100" } }
                """,
        }).Run();
        Assert.True(result.Judgement.Outcome == DrillOutcome.Inconclusive, result.Judgement.Reason);
        Assert.Contains("resourcequotas is forbidden", result.Judgement.Reason, StringComparison.Ordinal);
    }
}
