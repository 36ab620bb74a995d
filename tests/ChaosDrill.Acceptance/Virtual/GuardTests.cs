using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Timelines;
using Xunit;

namespace ChaosDrill.Acceptance.Virtual;

/// <summary>Each guard refuses what is beyond its limit before anything is touched, lets through what is within it, and looks again right before the fault.</summary>
public sealed class GuardTests
{
    private const string Coredns = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: { name: coredns, namespace: kube-system }
        spec:
          replicas: 3
          selector: { matchLabels: { app: coredns } }
          template:
            metadata: { labels: { app: coredns } }
            spec: { containers: [ { name: dns, image: "dns:1" } ] }
        """;

    private const string Drain = "nodeDrain: { selector: \"kubernetes.io/os=linux\", ignoreDaemonSets: true }";

    [Theory]
    [InlineData("maxPods: 2", "\"Kill\" would take away 3 pods; guards.maxPods allows 2")]
    [InlineData("maxAffected: 50%", "\"Kill\" would affect 3 of 3 pods; guards.maxAffected allows 50%, which is 1 of 3")]
    [InlineData("maxOfNamespace: 99%", "\"Kill\" would take away 3 of 3 pods of namespace shop; guards.maxOfNamespace allows 99%, which is 2")]
    [InlineData("minReplicas: 1", "\"Kill\" would leave 0 of 3 ready pods of Deployment shop/storefront; guards.minReplicas demands 1")]
    [InlineData("labels: { chaos: \"yes\" }", "which does not carry the labels that guards.labels demands: chaos=yes")]
    [InlineData("namespaces: [other]", "namespace shop is not among the allowed ones: other")]
    [InlineData("windows: [\"01:00-02:00\"]", "it is Thu 2026-01-01 00:00 in Etc/UTC; guards.windows allows 01:00-02:00")]
    [InlineData("freezes: [2026-01-01], timeZone: Europe/Berlin", "guards.freezes forbids 2026-01-01")]
    public void Guard_Broken_IsRefusedAndTouchesNothing(string guard, string message)
    {
        var drill = new TwinDrill { Yaml = Scenario(guard, "podKill: { selector: app=storefront, mode: all, gracePeriod: 0s }") }.Run();

        Assert.Equal(DrillOutcome.Refused, drill.Judgement.Outcome);
        Assert.Contains(message, Assert.Single(drill.Plan.Refusals).Message, StringComparison.Ordinal);
        Assert.DoesNotContain(drill.Record.Timeline, e => e.Event is UndoRecorded or FaultRequested);
    }

    [Theory]
    [InlineData("maxPods: 3")]
    [InlineData("maxAffected: 100%")]
    [InlineData("maxOfNamespace: 100%")]
    [InlineData("minReplicas: 0")]
    [InlineData("labels: { app: storefront }")]
    [InlineData("namespaces: [other, shop]")]
    [InlineData("windows: [\"23:00-02:00\"], freezes: [2026-01-02]")]
    public void Guard_JustHeld_LetsTheDrillThrough(string guard)
    {
        var drill = new TwinDrill { Yaml = Scenario(guard, "podKill: { selector: app=storefront, mode: all, gracePeriod: 0s }") }.Run();

        Assert.True(drill.Judgement.Outcome == DrillOutcome.Pass, drill.Judgement.Reason);
        Assert.All(drill.Plan.Steps[0].Guards.Concat(drill.Plan.Guards), g => Assert.True(g.Holds));
        Assert.Contains(drill.Plan.Steps[0].Guards.Concat(drill.Plan.Guards), g => guard.StartsWith(g.Guard, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("maxNodes: 2", "would touch 3 of 3 nodes; guards.maxNodes allows 2, which is 2")]
    [InlineData("maxNodes: 67%", "would touch 3 of 3 nodes; guards.maxNodes allows 67%, which is 2")]
    [InlineData("maxPods: 2", "would take away 3 pods; guards.maxPods allows 2")]
    [InlineData("labels: { app: storefront }", "would touch Node node1 and 2 more, which does not carry the labels")]
    public void Guard_BrokenByADrain_CountsNodesAndTheirPods(string guard, string message)
    {
        var drill = new TwinDrill { Yaml = Scenario(guard, Drain) }.Run();

        Assert.Contains(message, Assert.Single(drill.Plan.Refusals).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("maxPods: 99", "kube-system is protected")]
    [InlineData("namespaces: [shop]", "kube-system is not allowed")]
    [InlineData("namespaces: [shop, kube-system]", null)]
    public void Drain_ThatTakesPodsOfTheSystem_IsRefusedUnlessNamed(string guard, string? message)
    {
        var drill = new TwinDrill
        {
            Yaml = Scenario(guard, "nodeDrain: { node: node1, ignoreDaemonSets: true }"),
            Before = async (twin, _) =>
            {
                twin.Apply(Coredns);
                await twin.WaitUntilSettledAsync(TimeSpan.FromMinutes(1));
            },
        }.Run();

        Assert.Equal(message is null ? [] : [message], drill.Plan.Refusals.Select(r => message is not null && r.Message.Contains(message, StringComparison.Ordinal) ? message : r.Message));
    }

    [Fact]
    public void Window_ThatEndsBeforeTheFault_StopsTheDrillThere()
    {
        var drill = new TwinDrill { Yaml = Late("windows: [\"00:00-00:01\"]") }.Run();

        Assert.Equal((DrillOutcome.Aborted, true), (drill.Judgement.Outcome, drill.Judgement.UndoComplete));
        Assert.Contains("guards.windows allows 00:00-00:01", drill.Judgement.Reason, StringComparison.Ordinal);
        Assert.Equal("windows", drill.Record.Timeline.Select(e => e.Event).OfType<GuardTripped>().Single().Guard);
        Assert.DoesNotContain(drill.Record.Timeline, e => e.Event is FaultRequested);
    }

    [Fact]
    public void Replicas_ThatAreFewerByTheTimeOfTheFault_StopTheDrillThere()
    {
        var drill = new TwinDrill
        {
            Yaml = Late("minReplicas: 2"),
            Meanwhile = async (_, clock, client, _) =>
            {
                await Task.Delay(TimeSpan.FromSeconds(60), clock);
                await client.PatchAsync(
                    Resources.Deployments, "shop", "storefront", Patch.Merge(System.Text.Json.Nodes.JsonNode.Parse("""{"spec":{"replicas":2}}""")!));
            },
        }.Run();

        Assert.Equal(DrillOutcome.Aborted, drill.Judgement.Outcome);
        Assert.Contains("would leave 1 of 2 ready pods of Deployment shop/storefront", drill.Judgement.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain(drill.Record.Timeline, e => e.Event is FaultRequested);
    }

    [Theory]
    [InlineData(true, DrillOutcome.Aborted)]
    [InlineData(false, DrillOutcome.Pass)]
    public void Targets_ThatAreOthersByTheTimeOfTheFirstFault_StopAnApprovedDrill(bool isApproved, DrillOutcome outcome)
    {
        var drill = new TwinDrill
        {
            IsApproved = isApproved,
            Yaml = Late("maxPods: 1"),
            Meanwhile = async (_, clock, client, _) =>
            {
                await Task.Delay(TimeSpan.FromSeconds(60), clock);
                foreach (var pod in (await client.ListAsync(Resources.Pods, "shop")).Items)
                {
                    await client.DeleteAsync(Resources.Pods, "shop", pod.Metadata.Name!);
                }
            },
        }.Run();

        Assert.Equal(outcome, drill.Judgement.Outcome);
        Assert.Equal(isApproved, drill.Record.Timeline.Any(e => e.Event is GuardTripped { Guard: "plan" }));
        Assert.Equal(!isApproved, drill.Record.Timeline.Any(e => e.Event is FaultRequested));
    }

    private const string Settings = "apply: { manifest: \"{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {CURRENCY: GBP}}\" }";

    [Theory]
    [InlineData("labels: { app: storefront }", Settings, "\"apply\" would touch ConfigMap shop/settings, which does not carry the labels that guards.labels demands: app=storefront")]
    [InlineData("labels: { app: storefront }", "exec: { selector: app=database, command: ['true'] }", "\"exec\" would touch Pod shop/database-")]
    [InlineData("maxAffected: 33%", "exec: { selector: app=database, command: ['true'] }", "\"exec\" would affect 1 of 1 pods; guards.maxAffected allows 33%, which is 0 of 1")]
    [InlineData("labels: { app: storefront }", "networkPartition: { from: app=storefront, to: app=database }", "\"networkPartition\" would touch Pod shop/database-")]
    [InlineData("maxAffected: 3", "networkPartition: { from: app=storefront, to: app=database }", "\"networkPartition\" would affect 4 of 4 pods; guards.maxAffected allows 3, which is 3 of 4")]
    [InlineData("namespaces: [shop]", "veleroBackup: {}", "\"veleroBackup\" would also touch Backup velero/chaosdrill-..., and velero is not allowed")]
    [InlineData("maxPods: 3", "namespaceLoss: { confirm: shop }", "\"namespaceLoss\" would take away 4 pods; guards.maxPods allows 3")]
    [InlineData("maxOfNamespace: 50%", "namespaceLoss: { confirm: shop }", "would take away 4 of 4 pods of namespace shop")]
    public void Guard_BrokenByAnyStep_IsRefusedAndTouchesNothing(string guard, string step, string message)
    {
        var drill = new TwinDrill { Yaml = With(guard, step), Also = TwinDrill.Database, Twin = new() { Velero = true } }.Run();

        Assert.Equal(DrillOutcome.Refused, drill.Judgement.Outcome);
        Assert.Contains(message, drill.Plan.Refusals[0].Message, StringComparison.Ordinal);
        Assert.DoesNotContain(drill.Record.Timeline, e => e.Event is UndoRecorded or FaultRequested);
    }

    [Theory]
    [InlineData("labels: { a: b }, maxAffected: 1%, maxPods: 0", Settings)]
    [InlineData("labels: { app: storefront }", "quotaSqueeze: {}")]
    [InlineData("labels: { app: database }, maxAffected: 1, maxPods: 0, minReplicas: 1", "exec: { selector: app=database, command: ['true'] }")]
    [InlineData("namespaces: [shop, velero]", "veleroBackup: {}")]
    [InlineData("maxAffected: 4, maxPods: 0", "networkPartition: { from: app=storefront, to: app=database }")]
    public void Guard_HeldByAnyStep_LetsItThrough(string guard, string step)
    {
        var drill = new TwinDrill { Yaml = With(guard, step), Also = TwinDrill.Database, Twin = new() { Velero = true } }.Run();

        Assert.All(drill.Plan.Steps[0].Guards, g => Assert.True(g.Holds, g.Message));
        Assert.All(drill.Plan.Refusals, r => Assert.Contains("\"Kill\"", r.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Window_ThatEndsBeforeAnApply_StopsTheDrillThere()
    {
        var drill = new TwinDrill { Yaml = Late("windows: [\"00:00-00:01\"]").Replace("    - name: Kill\n", $"    - {Settings}\n    - name: Kill\n", StringComparison.Ordinal) }.Run();

        Assert.Equal((DrillOutcome.Aborted, true), (drill.Judgement.Outcome, drill.Judgement.UndoComplete));
        Assert.DoesNotContain(drill.Record.Timeline, e => e.Event is UndoRecorded { Step: >= 0 });
    }

    [Fact]
    public void NodeFault_ThatChoosesNobody_SaysOnlyThat()
    {
        var drill = new TwinDrill { Yaml = Scenario("maxAffected: 34%, maxPods: 1", "nodeCordon: { selector: no=such }") }.Run();

        Assert.Equal("no node matches no=such; nothing was touched", Assert.Single(drill.Plan.Refusals).Message);
        Assert.Empty(drill.Plan.Steps[0].Guards);
    }

    /// <summary>A step before the kill.</summary>
    private static string With(string guards, string step) => Scenario(guards, "podKill: { selector: app=storefront, mode: one, gracePeriod: 0s }")
        .Replace("    - name: Kill\n", $"    - {step}\n    - name: Kill\n", StringComparison.Ordinal);

    private static string Scenario(string guards, string fault) => TwinDrill.Scenario
        .Replace("podKill: { selector: app=storefront, mode: one, gracePeriod: 0s }", fault, StringComparison.Ordinal)
        .Replace("  probes:", $"  guards: {{ {guards} }}\n  probes:", StringComparison.Ordinal);

    /// <summary>The fault comes a minute and a half after the plan.</summary>
    private static string Late(string guards) => Scenario(guards, "podKill: { selector: app=storefront, mode: one, gracePeriod: 0s }")
        .Replace("    - name: Kill\n", "    - wait: { for: 90s }\n    - name: Kill\n", StringComparison.Ordinal);
}
