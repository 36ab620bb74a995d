using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Timelines;
using Xunit;

namespace ChaosDrill.Acceptance.Virtual;

/// <summary>Faults on pods that their controllers or kubelets mend by themselves.</summary>
public sealed class PodFaultTests
{
    private const string Budget = """
        apiVersion: policy/v1
        kind: PodDisruptionBudget
        metadata: { name: storefront, namespace: shop }
        spec: { maxUnavailable: 1, selector: { matchLabels: { app: storefront } } }
        """;

    [Fact]
    public void ContainerKill_RestartsInPlace_IsProvedByTheNextRun()
    {
        var drill = new TwinDrill { Yaml = Scenario("containerKill: { selector: app=storefront, mode: fixed, value: 2 }") }.Run();

        Assert.True(drill.Judgement.Outcome == DrillOutcome.Pass, drill.Judgement.Reason);
        Assert.All(drill.Record.Timeline.Select(e => e.Event).OfType<FaultTookEffect>(), e => Assert.Contains("1 restarts, 0 before", e.Evidence, StringComparison.Ordinal));
        Assert.Equal(2, drill.Record.Timeline.Count(e => e.Event is FaultTookEffect));
        Assert.InRange(drill.Recovery.Time.Value!.Value, 2, 3);
        Assert.DoesNotContain(drill.Truth, o => o.Kind == "DELETED");
    }

    [Fact]
    public void ContainerKill_SignalThatTheProcessIgnores_IsNotProved()
    {
        var drill = new TwinDrill { Yaml = Scenario("containerKill: { selector: app=storefront, command: [kill, '-9', '1'] }") }.Run();

        Assert.Equal(DrillOutcome.Inconclusive, drill.Judgement.Outcome);
        Assert.Contains("never seen", drill.Judgement.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void ContainerKill_ProgramThatIsNotThere_IsInconclusive()
    {
        var drill = new TwinDrill { Yaml = Scenario("containerKill: { selector: app=storefront, command: [reaper] }") }.Run();

        Assert.Equal(DrillOutcome.Inconclusive, drill.Judgement.Outcome);
        Assert.Contains("reaper", drill.Judgement.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void ContainerKill_ContainerThatIsNotThere_IsRefused()
    {
        var drill = new TwinDrill { Yaml = Scenario("containerKill: { selector: app=storefront, container: webb }") }.Run();

        Assert.Equal(DrillOutcome.Refused, drill.Judgement.Outcome);
    }

    [Fact]
    public void PodEvict_BehindABudget_GoesOneByOneAndKeepsTheBudget()
    {
        var drill = new TwinDrill
        {
            Yaml = Scenario("podEvict: { selector: app=storefront, mode: all }"),
            Before = async (twin, client) =>
            {
                twin.Apply(Budget);
                await Task.Delay(TimeSpan.FromSeconds(1), client.Clock, CancellationToken.None);
            },
        }.Run();

        Assert.True(drill.Judgement.Outcome == DrillOutcome.Pass, drill.Judgement.Reason);
        Assert.Equal(3, drill.Record.Timeline.Count(e => e.Event is FaultTookEffect));
        Assert.True(LowestReady(drill) >= 2, $"{LowestReady(drill)} ready");
    }

    [Fact]
    public void PodEvict_ThatTheBudgetNeverAllows_IsInconclusiveAndEvictsNobody()
    {
        var drill = new TwinDrill
        {
            Yaml = Scenario("podEvict: { selector: app=storefront, timeout: 20s }"),
            Before = async (twin, client) =>
            {
                twin.Apply(Budget.Replace("maxUnavailable: 1", "minAvailable: 3", StringComparison.Ordinal));
                await Task.Delay(TimeSpan.FromSeconds(1), client.Clock, CancellationToken.None);
            },
        }.Run();

        // The planner may see it coming and refuse; a drill that goes ahead must not call it a pass.
        Assert.Contains(drill.Judgement.Outcome, new[] { DrillOutcome.Refused, DrillOutcome.Inconclusive });
        Assert.DoesNotContain(drill.Truth, o => o.Kind == "DELETED");
    }

    [Fact]
    public void NodeDrain_BehindABudgetOfTheTwin_WaitsForEachReplacement()
    {
        var drill = new TwinDrill
        {
            Yaml = Scenario("nodeDrain: { selector: 'kubernetes.io/hostname in (node1, node2)', force: true }"),
            Before = async (twin, client) =>
            {
                twin.Apply(Budget);
                await Task.Delay(TimeSpan.FromSeconds(1), client.Clock, CancellationToken.None);
            },
        }.Run();

        Assert.True(drill.Judgement.Outcome == DrillOutcome.Pass, drill.Judgement.Reason);
        Assert.True(LowestReady(drill) >= 2, $"{LowestReady(drill)} ready");

        // kubectl sleeps five seconds after a refusal; here the next eviction follows the replacement at once.
        Assert.InRange(drill.Recovery.Time.Value!.Value, 2, 8);
    }

    [Fact]
    public void NetworkPartition_WhereTheNetworkDoesNotEnforceIt_IsInconclusiveAndPutBack()
    {
        IReadOnlyList<string>? before = null, after = null;
        var drill = new TwinDrill
        {
            Also = TwinDrill.Database,
            Twin = new ChaosDrill.Twin.TwinOptions { NetworkPolicies = false },
            Yaml = Scenario("networkPartition: { from: app=storefront, to: app=database }"),
            Before = async (_, client) => before = await ClusterPicture.TakeAsync(client),
            After = async (_, client) => after = await ClusterPicture.TakeAsync(client),
        }.Run();

        Assert.Equal(DrillOutcome.Inconclusive, drill.Judgement.Outcome);
        Assert.Contains("never seen", drill.Judgement.Reason, StringComparison.Ordinal);
        Assert.Equal(before, after);
    }

    [Fact]
    public void NetworkPartition_ThatAnotherPolicyUndermines_IsInconclusive()
    {
        var drill = new TwinDrill
        {
            Also = TwinDrill.Database,
            Yaml = Scenario("networkPartition: { from: app=storefront, to: app=database }"),
            Before = (twin, _) =>
            {
                twin.Apply("""
                    apiVersion: networking.k8s.io/v1
                    kind: NetworkPolicy
                    metadata: { name: open, namespace: shop }
                    spec: { podSelector: {}, ingress: [ {} ] }
                    """);
                return Task.CompletedTask;
            },
        }.Run();

        Assert.Equal(DrillOutcome.Inconclusive, drill.Judgement.Outcome);
    }

    [Fact]
    public void NetworkPartition_ThatNothingCouldProve_TouchesNothing()
    {
        var drill = new TwinDrill { Also = TwinDrill.Database, Yaml = Scenario("networkPartition: { from: app=storefront, to: app=database, proofCommand: ['false'] }") }.Run();

        Assert.Equal(DrillOutcome.Inconclusive, drill.Judgement.Outcome);
        Assert.Contains("even without a partition", drill.Judgement.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain(drill.Record.Timeline, e => e.Event is FaultRequested);
    }

    private static int LowestReady(TwinDrill.Result drill) =>
        drill.Record.Timeline.Select(e => e.Event).OfType<WorkloadObserved>().Min(o => o.Ready);

    private static string Scenario(string fault) => TwinDrill.Scenario.Replace("podKill: { selector: app=storefront, mode: one, gracePeriod: 0s }", fault, StringComparison.Ordinal);
}
