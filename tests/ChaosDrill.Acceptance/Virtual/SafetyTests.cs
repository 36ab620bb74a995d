using System.Text.Json.Nodes;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Timelines;
using Xunit;

namespace ChaosDrill.Acceptance.Virtual;

/// <summary>What a drill must not touch, and what it must leave behind: nothing.</summary>
public sealed class SafetyTests
{
    [Fact]
    public void Selector_ThatMatchesNothing_IsInconclusiveAndTouchesNothing()
    {
        string? before = null;
        string? after = null;
        var drill = new TwinDrill
        {
            Yaml = TwinDrill.Scenario.Replace("app=storefront", "app=storfront", StringComparison.Ordinal),
            Before = async (_, client) => before = await Fingerprint(client),
            After = async (_, client) => after = await Fingerprint(client),
        }.Run();

        Assert.Equal(DrillOutcome.Inconclusive, drill.Judgement.Outcome);
        Assert.Equal(RefusalKind.NoTargets, Assert.Single(drill.Plan.Refusals).Kind);
        Assert.Equal(before, after);
    }

    [Fact]
    public void MaxAffected_Exceeded_IsRefusedAndTouchesNothing()
    {
        var drill = new TwinDrill
        {
            Yaml = TwinDrill.Scenario.Replace("mode: one", "mode: all", StringComparison.Ordinal)
                .Replace("  probes:", "  guards: { maxAffected: 34% }\n  probes:", StringComparison.Ordinal),
        }.Run();

        Assert.Equal(DrillOutcome.Refused, drill.Judgement.Outcome);
        Assert.Contains("3 of 3 pods", drill.Judgement.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain(drill.Record.Timeline, e => e.Event is FaultRequested);
    }

    [Fact]
    public void Namespace_Missing_IsRefused()
    {
        var drill = new TwinDrill { Yaml = TwinDrill.Scenario.Replace("namespace: shop", "namespace: shoop", StringComparison.Ordinal) }.Run();

        Assert.Equal(DrillOutcome.Refused, drill.Judgement.Outcome);
        Assert.Contains("\"shoop\" does not exist", drill.Judgement.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void SteadyState_NotHoldingBefore_IsInconclusiveAndTouchesNothing()
    {
        var drill = new TwinDrill
        {
            Before = async (_, client) => await client.PatchAsync(
                Resources.Deployments, "shop", "storefront", Patch.Merge(JsonNode.Parse("""{"spec":{"replicas":4,"template":{"spec":{"nodeSelector":{"none":"such"}}}}}""")!)),
        }.Run();

        Assert.Equal(DrillOutcome.Inconclusive, drill.Judgement.Outcome);
        Assert.DoesNotContain(drill.Record.Timeline, e => e.Event is FaultRequested);
    }

    [Fact]
    public void Abort_InTheMiddle_EndsAbortedAndRemovesTheLease()
    {
        Lease? left = null;
        var drill = new TwinDrill
        {
            Meanwhile = async (_, clock, _, abort) =>
            {
                await Task.Delay(TimeSpan.FromSeconds(5), clock);
                abort.Abort("Ctrl-C");
            },
            After = async (_, client) => left = await client.FindAsync(Resources.Leases, "shop", "chaosdrill"),
        }.Run();

        Assert.Equal(DrillOutcome.Aborted, drill.Judgement.Outcome);
        Assert.True(drill.Judgement.UndoComplete);
        Assert.Null(left);
    }

    [Fact]
    public void AbortWhen_ProbeFailsTooLong_StopsTheDrill()
    {
        var drill = new TwinDrill
        {
            Annotations = """twin.chaosdrill.dev/ready-delay: "60s" """,
            Yaml = TwinDrill.Scenario.Replace("mode: one", "mode: all", StringComparison.Ordinal).Replace("atMost: 30s", "atMost: 100s", StringComparison.Ordinal)
                .Replace("  probes:", "  guards: { abortWhen: [ { probe: storefront, failingFor: 20s } ] }\n  probes:", StringComparison.Ordinal),
        }.Run();

        Assert.Equal(DrillOutcome.Aborted, drill.Judgement.Outcome);
        var tripped = drill.Record.Timeline.First(e => e.Event is GuardTripped);
        var effect = drill.Record.Timeline.First(e => e.Event is FaultTookEffect);
        Assert.InRange((tripped.At - effect.At).TotalSeconds, 19.9, 20.3);
    }

    [Fact]
    public void MaxDuration_Exceeded_StopsTheDrill()
    {
        var drill = new TwinDrill
        {
            Annotations = """twin.chaosdrill.dev/ready-delay: "100s" """,
            Yaml = TwinDrill.Scenario.Replace("timeout: 3m", "timeout: 50s", StringComparison.Ordinal)
                .Replace("  probes:", "  guards: { maxDuration: 61s }\n  probes:", StringComparison.Ordinal).Replace("podKill", "wait: { for: 30s }\n    - podKill", StringComparison.Ordinal)
                .Replace("- name: Kill\n      wait", "- wait", StringComparison.Ordinal),
        }.Run();

        Assert.Equal(DrillOutcome.Aborted, drill.Judgement.Outcome);
        Assert.Contains("maxDuration", drill.Judgement.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Lease_HeldByAnotherDrill_IsRefused()
    {
        var drill = new TwinDrill
        {
            Before = async (_, client) => await client.CreateAsync(
                Resources.Leases, "shop",
                new Lease
                {
                    Metadata = new ObjectMeta { Name = "chaosdrill", Namespace = "shop" },
                    Spec = new LeaseSpec { HolderIdentity = "other", LeaseDurationSeconds = 60, RenewTime = client.Clock.GetUtcNow() },
                }),
        }.Run();

        Assert.Equal(DrillOutcome.Refused, drill.Judgement.Outcome);
        Assert.Contains("drill other holds lease", drill.Judgement.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Lease_ThatItsHolderLetExpire_IsTakenOver()
    {
        var drill = new TwinDrill
        {
            Before = async (_, client) => await client.CreateAsync(
                Resources.Leases, "shop",
                new Lease
                {
                    Metadata = new ObjectMeta { Name = "chaosdrill", Namespace = "shop" },
                    Spec = new LeaseSpec { HolderIdentity = "dead", LeaseDurationSeconds = 60, RenewTime = client.Clock.GetUtcNow() - TimeSpan.FromMinutes(5) },
                }),
        }.Run();

        Assert.Equal(DrillOutcome.Pass, drill.Judgement.Outcome);
    }

    private static async Task<string> Fingerprint(KubernetesClient client) =>
        string.Join(',', (await client.ListAsync(Resources.Pods, "shop")).Items.Select(p => p.Metadata.Uid + p.Metadata.ResourceVersion));
}
