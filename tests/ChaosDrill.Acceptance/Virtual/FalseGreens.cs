using System.Text.Json.Nodes;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Timelines;
using Xunit;

namespace ChaosDrill.Acceptance.Virtual;

/// <summary>
/// Ways in which well-known tools reported green when it should have been red, as far as faults can show them: here each
/// is red, or inconclusive, or right. Those of backups and restores (partial restores counted as whole, a sandbox that
/// lets traffic out) are shown where restores are drilled.
/// </summary>
public sealed class FalseGreens
{
    private const string Kill = "podKill: { selector: app=storefront, mode: one, gracePeriod: 0s }";

    [Fact]
    public void F01_InjectionThatBrokeNothing_IsNotGreen()
    {
        // The pods' finalizers keep the deletion from taking effect.
        var drill = new TwinDrill
        {
            Before = (_, client) => OnPodsAsync(client, """{"metadata":{"finalizers":["example.com/hold"]}}"""),
        }.Run();

        Assert.Equal(DrillOutcome.Inconclusive, drill.Judgement.Outcome);
    }

    [Fact]
    public void F02_SteadyStateThatDidNotHoldBefore_IsNotGreenAndNothingIsUndone()
    {
        var drill = new TwinDrill
        {
            Yaml = Yaml("nodeCordon: { node: node1 }"),
            Before = async (twin, client) =>
            {
                await client.PatchAsync(Resources.Deployments, "shop", "storefront", Patch.Merge(JsonNode.Parse("""{"spec":{"template":{"metadata":{"annotations":{"twin.chaosdrill.dev/never-ready":"true"}}}}}""")!));
                await client.PatchAsync(Resources.Deployments, "shop", "storefront", Patch.Merge(JsonNode.Parse("""{"spec":{"replicas":4}}""")!));
                await Task.Delay(TimeSpan.FromSeconds(1), client.Clock, CancellationToken.None);
            },
        }.Run();

        Assert.Equal(DrillOutcome.Inconclusive, drill.Judgement.Outcome);
        Assert.DoesNotContain(drill.Record.Timeline, e => e.Event is FaultRequested or UndoRecorded { Step: >= 0 });
    }

    [Fact]
    public void F03_ShortOutageThatAProbeSaw_IsRed()
    {
        // 3.2 s of errors in the middle of the wait; before and after all is well.
        var drill = new TwinDrill
        {
            Yaml = Yaml("wait: { for: 20s }", "longestOutage: { probe: storefront, atMost: 2s }"),
            Meanwhile = async (_, clock, client, _) =>
            {
                await Task.Delay(TimeSpan.FromSeconds(25), clock);
                await OnPodsAsync(client, """{"metadata":{"annotations":{"twin.chaosdrill.dev/http-status":"500"}}}""");
                await Task.Delay(TimeSpan.FromSeconds(3.2), clock);
                await OnPodsAsync(client, """{"metadata":{"annotations":{"twin.chaosdrill.dev/http-status":null}}}""");
            },
        }.Run();

        Assert.Equal(DrillOutcome.Fail, drill.Judgement.Outcome);
        Assert.InRange(drill.Judgement.Objectives[^1].Measure.Values[0].Value!.Value, 3.1, 3.4);
    }

    [Fact]
    public void F04_VerdictAndNumber_DoNotDependOnTheAuthorsPauses()
    {
        double[] times = [.. new[] { "1ms", "6s", "60s" }.Select(pause => new TwinDrill
        {
            Annotations = """twin.chaosdrill.dev/ready-delay: "4s" """,
            Yaml = TwinDrill.Scenario.Replace("- awaitRecovery", $"- wait: {{ for: {pause} }}\n    - awaitRecovery", StringComparison.Ordinal),
        }.Run().Recovery.Time.Value!.Value)];

        Assert.All(times, t => Assert.InRange(t, times[0] - 0.02, times[0] + 0.02));
    }

    [Fact]
    public void F05_StopAfterTheInjection_LeavesNoFaultBehind()
    {
        IReadOnlyList<string>? before = null, after = null;
        var drill = new TwinDrill
        {
            Yaml = Yaml("nodeCordon: { node: node1 }"),
            Before = async (_, client) => before = await ClusterPicture.TakeAsync(client),
            Meanwhile = async (_, clock, _, abort) =>
            {
                await Task.Delay(TimeSpan.FromSeconds(8), clock);
                abort.Abort("SIGTERM");
            },
            After = async (_, client) =>
            {
                await Task.Delay(TimeSpan.FromMinutes(1), client.Clock, CancellationToken.None);
                after = await ClusterPicture.TakeAsync(client);
            },
        }.Run();

        Assert.Equal(DrillOutcome.Aborted, drill.Judgement.Outcome);
        Assert.Equal(before, after);
    }

    [Fact]
    public void F06_ProbeWithoutAnyData_IsNotGreen()
    {
        var drill = new TwinDrill
        {
            Yaml = TwinDrill.Scenario.Replace("  steadyState:", "    - name: blind\n      exec: { selector: app=nobody, command: ['true'] }\n      every: 1s\n  steadyState:", StringComparison.Ordinal)
                + "\n    - availability: { probe: blind, atLeast: 50% }",
        }.Run();

        Assert.Equal(DrillOutcome.Inconclusive, drill.Judgement.Outcome);
        Assert.Equal(Verdict.Inconclusive, drill.Judgement.Objectives[^1].Verdict);
    }

    [Theory]
    [InlineData("", 20)]
    [InlineData(""", twin.chaosdrill.dev/flap: "after=5s,for=10s" """, 35)]
    public void F07_RecoveryTime_IsTheTruth_AlsoWithAFlap(string flap, double truth)
    {
        var drill = new TwinDrill
        {
            Annotations = """twin.chaosdrill.dev/start-delay: "0s", twin.chaosdrill.dev/ready-delay: "20s" """ + flap,
            Before = (_, client) => Task.Delay(TimeSpan.FromSeconds(60), client.Clock, CancellationToken.None),
        }.Run();

        Assert.InRange(drill.Recovery.Time.Value!.Value, truth, truth + 0.1);
    }

    [Fact]
    public void F08_TwoFaultsOfOneKind_AreBothPutBack()
    {
        IReadOnlyList<string>? before = null, after = null;
        var drill = new TwinDrill
        {
            Yaml = Yaml("nodeCordon: { node: node1 }").Replace("- nodeCordon: { node: node1 }", "- nodeCordon: { node: node1 }\n    - nodeCordon: { node: node2 }", StringComparison.Ordinal),
            Before = async (_, client) => before = await ClusterPicture.TakeAsync(client),
            After = async (_, client) => after = await ClusterPicture.TakeAsync(client),
        }.Run();

        Assert.Equal(2, drill.Record.Timeline.Select(e => e.Event).OfType<UndoRecorded>().Where(u => u.Step >= 0).Select(u => u.Id).Distinct().Count());
        Assert.True(drill.Judgement.UndoComplete);
        Assert.Equal(before, after);
    }

    [Fact]
    public void F09_FaultWithoutAnyObjective_IsNotGreen()
    {
        var header = new TwinDrill().Run().Record;
        var judged = Judge.Of(header with { Header = header.Header with { Objectives = [] } });

        Assert.Equal(DrillOutcome.Inconclusive, judged.Outcome);
        Assert.Contains("no objective", judged.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void F10_Probe_GoesOnAfterItsFirstFailure_AndTellsTheRecovery()
    {
        var drill = new TwinDrill
        {
            Annotations = """twin.chaosdrill.dev/ready-delay: "5s" """,
            Yaml = TwinDrill.Scenario.Replace("mode: one", "mode: all", StringComparison.Ordinal).Replace("[deployment/storefront]", "[deployment/storefront, probe/storefront]", StringComparison.Ordinal)
                + "\n    - recoveryTime: { of: probe/storefront, atMost: 30s }",
        }.Run();

        var samples = drill.Record.Timeline.Select(e => e.Event).OfType<ProbeSampled>().ToList();
        var firstFailure = samples.FindIndex(s => s.Outcome == SampleOutcome.Failure);
        Assert.True(firstFailure >= 0 && samples.Skip(firstFailure).Any(s => s.Outcome == SampleOutcome.Success));
        Assert.InRange(drill.Judgement.Recoveries.Single(r => r.Of.IsProbe).Time.Value!.Value, 5, 6.5);
    }

    [Fact]
    public void F11_ClockOfTheRecovery_StartsWithTheFault_AndNotWithItsCure()
    {
        var drill = new TwinDrill
        {
            Yaml = TwinDrill.Scenario
                .Replace(Kill, "scale: { workload: deployment/storefront, replicas: 0 }", StringComparison.Ordinal)
                .Replace("- awaitRecovery", "- wait: { for: 30s }\n    - undo: { step: Kill }\n    - awaitRecovery", StringComparison.Ordinal)
                .Replace("atMost: 30s", "atMost: 60s", StringComparison.Ordinal),
        }.Run();

        Assert.InRange(drill.Recovery.Time.Value!.Value, 30, 40);
    }

    [Fact]
    public void F12_PartitionThatSelectsNobody_IsNotGreen()
    {
        var drill = new TwinDrill { Also = TwinDrill.Database, Yaml = Yaml("networkPartition: { from: app=storefrnt, to: app=database }") }.Run();

        Assert.Equal(DrillOutcome.Inconclusive, drill.Judgement.Outcome);
        Assert.All(drill.Plan.Refusals, r => Assert.Equal(RefusalKind.NoTargets, r.Kind));
    }

    [Fact]
    public void F13_PartitionThatAnotherPolicyOpensAgain_IsNotGreen()
    {
        var drill = new TwinDrill
        {
            Also = TwinDrill.Database + """

                ---
                apiVersion: networking.k8s.io/v1
                kind: NetworkPolicy
                metadata: { name: open, namespace: shop }
                spec: { podSelector: {}, ingress: [ {} ] }
                """,
            Yaml = Yaml("networkPartition: { from: app=storefront, to: app=database }"),
        }.Run();

        Assert.Equal(DrillOutcome.Inconclusive, drill.Judgement.Outcome);
    }

    [Theory]
    [InlineData("", DrillOutcome.Fail, "backupAge of backup was")]
    [InlineData(", maxAge: 26h", DrillOutcome.Refused, "maxAge allows 26h")]
    public void F14_RestoreThatIsPinnedToAnOldBackup_IsNotGreen(string maxAge, DrillOutcome outcome, string reason)
    {
        var drill = new TwinDrill
        {
            Twin = new() { Velero = true },
            Yaml = $$"""
                apiVersion: chaosdrill.dev/v1
                kind: Scenario
                metadata: { name: pinned }
                spec:
                  cluster: { namespace: shop }
                  guards: { maxDuration: 3h }
                  steps:
                    - veleroBackupSelect: { backup: sentinel{{maxAge}} }
                    - veleroRestoreVerify: { timeout: 30m, readyWithin: 2m }
                  objectives:
                    - restoreFidelity: { atLeast: 100% }
                    - backupAge: { atMost: 26h }
                """,
            Before = async (twin, client) =>
            {
                twin.Apply("""
                    apiVersion: velero.io/v1
                    kind: Backup
                    metadata: { name: sentinel, namespace: velero, annotations: { twin.chaosdrill.dev/velero-backup: "age=1300h" } }
                    spec: { includedNamespaces: [shop], ttl: 9000h }
                    """);
                await Task.Delay(TimeSpan.FromSeconds(10), client.Clock, CancellationToken.None);
            },
        }.Run();

        Assert.True(drill.Judgement.Outcome == outcome, drill.Judgement.Reason);
        Assert.Contains(reason, drill.Judgement.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void F15_Miss_HasAValue()
    {
        var drill = new TwinDrill
        {
            Annotations = """twin.chaosdrill.dev/ready-delay: "45s" """,
        }.Run();

        Assert.Equal(DrillOutcome.Fail, drill.Judgement.Outcome);
        Assert.InRange(drill.Recovery.Time.Value!.Value, 45, 46);
    }

    private static async Task OnPodsAsync(KubernetesClient client, string patch)
    {
        foreach (var pod in (await client.ListAsync(Resources.Pods, "shop")).Items)
        {
            await client.PatchAsync(Resources.Pods, "shop", pod.Metadata.Name!, Patch.Merge(JsonNode.Parse(patch)!));
        }
    }

    /// <summary>A pod kill that recovers, after another step; one that waits comes after a kill of its own.</summary>
    private static string Yaml(string step, string? objective = null) => TwinDrill.Scenario
        .Replace("- name: Kill", $"{(step.StartsWith("wait", StringComparison.Ordinal) ? $"- {Kill}\n    " : "")}- {step}\n    - name: Kill", StringComparison.Ordinal)
        + (objective is null ? "" : "\n    - " + objective);
}
