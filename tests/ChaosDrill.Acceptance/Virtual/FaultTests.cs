using System.Text.Json.Nodes;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Timelines;
using Xunit;

namespace ChaosDrill.Acceptance.Virtual;

/// <summary>Every fault that changes something lasting: its effect is proved, and nothing of it is left.</summary>
public sealed class FaultTests
{
    private const string Mark = "chaosdrill.dev/undo";

    public static TheoryData<string> Lasting =>
    [
        "nodeCordon: { node: node1 }",
        "nodeDrain: { node: node1, ignoreDaemonSets: true }",
        "nodeTaint: { node: node1, key: example.com/broken, value: 'yes', effect: noSchedule }",
        "scale: { workload: deployment/storefront, replicas: 0 }",
        "rolloutFailure: { deployment: storefront, image: 'shop/storefront:missing' }",
        "deleteObjects: { objectKind: ConfigMap, names: [settings] }",
        "deleteObjects: { objectKind: Secret, names: [key] }",
        "rolloutFailure: { deployment: storefront, unschedulable: true }",
        "rolloutFailure: { deployment: storefront, crashing: true }",
        "namespaceStuck: { namespace: held }",
        "nodeFailure: { node: node1 }",
        "controlPlaneFailure: { component: scheduler }",
        "controlPlaneFailure: { component: controllerManager }",
        "quotaSqueeze: {}",
        "networkPartition: { from: 'app=storefront', to: 'app=database' }",
        "networkPartition: { from: 'app=storefront', to: 'app=database', direction: bothWays }",
        "podFailure: { selector: app=storefront, mode: fixed, value: 2 }",
    ];

    [Theory]
    [MemberData(nameof(Lasting))]
    public void Fault_TakesEffect_AndTheEndOfTheDrillPutsEverythingBack(string fault)
    {
        IReadOnlyList<string>? before = null, after = null;
        var marked = 0;
        var drill = new TwinDrill
        {
            Yaml = Scenario(fault),
            Also = TwinDrill.Database,
            Before = async (_, client) => before = await ClusterPicture.TakeAsync(client),
            Meanwhile = async (_, clock, client, _) =>
            {
                await Task.Delay(TimeSpan.FromSeconds(8), clock);
                marked = (await ClusterPicture.TakeAsync(client)).Count(l => l.Contains(Mark, StringComparison.Ordinal));
            },
            After = async (_, client) => after = await ClusterPicture.TakeAsync(client),
        }.Run();

        Assert.Contains(drill.Record.Timeline, e => e.Event is FaultTookEffect);
        Assert.All(drill.Record.Timeline.Select(e => e.Event).OfType<StepEnded>(), e => Assert.Null(e.Reason));
        Assert.True(marked > 0, "the changed object bears no mark");
        Assert.True(drill.Judgement.UndoComplete);
        Assert.True(drill.Judgement.SteadyStateAfter);
        Assert.Equal(before, after);
        var order = drill.Record.Timeline.OrderBy(e => e.Sequence).Select(e => e.Event).ToList();
        Assert.True(order.FindIndex(e => e is UndoRecorded { Step: 0 }) < order.FindIndex(e => e is FaultRequested));
        Assert.Equal("000-lease", order.OfType<UndoFinished>().Last().Id);
    }

    [Theory]
    [MemberData(nameof(Lasting))]
    public void Fault_OfMaxDuration_IsPutBackWhenItHasLasted(string fault)
    {
        var limited = fault.Replace(" }", ", maxDuration: 10s }", StringComparison.Ordinal);
        var drill = new TwinDrill { Yaml = Scenario(limited), Also = TwinDrill.Database }.Run();

        var effect = drill.Record.Timeline.First(e => e.Event is UndoRecorded { Step: 0 }).At;
        var undone = drill.Record.Timeline.First(e => e.Event is UndoFinished { Succeeded: true }).At;
        Assert.InRange((undone - effect).TotalSeconds, 9.9, 20.5);
    }

    [Theory]
    [MemberData(nameof(Lasting))]
    public void Fault_Aborted_IsPutBack(string fault)
    {
        IReadOnlyList<string>? before = null, after = null;
        var drill = new TwinDrill
        {
            Yaml = Scenario(fault),
            Also = TwinDrill.Database,
            Before = async (_, client) => before = await ClusterPicture.TakeAsync(client),
            Meanwhile = async (_, clock, _, abort) =>
            {
                await Task.Delay(TimeSpan.FromSeconds(8), clock);
                abort.Abort("Ctrl-C");
            },
            After = async (_, client) =>
            {
                await Task.Delay(TimeSpan.FromMinutes(1), client.Clock, CancellationToken.None);
                after = await ClusterPicture.TakeAsync(client);
            },
        }.Run();

        Assert.Equal(DrillOutcome.Aborted, drill.Judgement.Outcome);
        Assert.True(drill.Judgement.UndoComplete);
        Assert.Equal(before, after);
    }

    [Fact]
    public void Undo_ApiAwayForAWhile_IsTriedUntilItAnswers()
    {
        var drill = new TwinDrill
        {
            Yaml = Scenario("nodeCordon: { node: node1 }"),
            Meanwhile = async (twin, clock, _, abort) =>
            {
                await Task.Delay(TimeSpan.FromSeconds(8), clock);
                twin.PauseApi(ChaosDrill.Twin.ApiOutage.Refuse);
                abort.Abort("Ctrl-C");
                await Task.Delay(TimeSpan.FromSeconds(20), clock);
                twin.ResumeApi();
            },
        }.Run();

        Assert.True(drill.Judgement.UndoComplete);
    }

    [Fact]
    public void Undo_OfWhatSomebodyElseChanged_RefusesAndLeavesItAlone()
    {
        Deployment? left = null;
        var drill = new TwinDrill
        {
            Yaml = Scenario("scale: { workload: deployment/storefront, replicas: 1 }"),
            Meanwhile = async (_, clock, client, _) =>
            {
                await Task.Delay(TimeSpan.FromSeconds(8), clock);
                await client.PatchAsync(Resources.Deployments, "shop", "storefront", Patch.Merge(JsonNode.Parse("""{"spec":{"replicas":2}}""")!));
            },
            After = async (_, client) => left = await client.GetAsync(Resources.Deployments, "shop", "storefront"),
        }.Run();

        Assert.False(drill.Judgement.UndoComplete);
        Assert.Contains(drill.Record.Timeline, e => e.Event is UndoFinished { Succeeded: false } failed && failed.Detail.Contains("2 replicas", StringComparison.Ordinal));
        Assert.Equal(2, left!.Spec.Replicas);
        Assert.DoesNotContain(Mark, left.Metadata.Annotations.Keys);
    }

    [Fact]
    public void Undo_Step_TimesTheRecoveryFromTheEffectOfTheFault()
    {
        var yaml = Scenario("scale: { workload: deployment/storefront, replicas: 0 }")
            .Replace("- wait: { for: 20s }", "- wait: { for: 20s }\n    - undo: { step: Harm }\n    - awaitRecovery: { of: [deployment/storefront], stableFor: 10s, timeout: 3m }", StringComparison.Ordinal)
            .Replace("- availability: { probe: storefront, atLeast: 0.0001% }", "- recoveryTime: { of: deployment/storefront, atMost: 60s }", StringComparison.Ordinal);
        var drill = new TwinDrill { Yaml = yaml }.Run();

        Assert.True(drill.Judgement.Outcome == DrillOutcome.Pass, drill.Judgement.Reason);
        Assert.InRange(drill.Recovery.Time.Value!.Value, 20, 30);
    }

    internal static string Scenario(string fault) => $$"""
        apiVersion: chaosdrill.dev/v1
        kind: Scenario
        metadata: { name: harm }
        spec:
          cluster: { namespace: shop }
          probes:
            - name: storefront
              service: { name: storefront, port: 80, path: /healthz }
              every: 100ms
              timeout: 1s
          steadyState:
            - workload: deployment/storefront
          steps:
            - name: Harm
              {{fault}}
            - wait: { for: 20s }
          objectives:
            - availability: { probe: storefront, atLeast: 0.0001% }
        """;
}
