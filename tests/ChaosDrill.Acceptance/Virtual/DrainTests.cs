using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Drills;
using Xunit;

namespace ChaosDrill.Acceptance.Virtual;

/// <summary>How long drains take, to the millisecond, in virtual time.</summary>
public sealed class DrainTests
{
    [Theory]
    [InlineData(TenPods.Budget, "10ms", 9 * 0.15, 10 * 0.25)]
    [InlineData("", "10ms", 0.01, 0.1)]
    [InlineData("", "2m", 120, 120.1)]
    public void Drain_OfTenPods_TakesAsLongAsTheirReplacementsAndNoLonger(string budget, string termination, double atLeast, double atMost)
    {
        var drill = new TwinDrill
        {
            Yaml = TenPods.Scenario,
            Annotations = "twin.chaosdrill.dev/termination-delay: 10ms",
            Before = async (twin, client) =>
            {
                await CordonAsync(client, "node2", true);
                twin.Apply(TenPods.Manifest(termination) + budget);
                await twin.WaitUntilSettledAsync(TimeSpan.FromMinutes(2));
                await CordonAsync(client, "node2", false);
            },
        }.Run();

        Assert.Equal(DrillOutcome.Pass, drill.Judgement.Outcome);
        var gone = drill.Truth.Where(t => t.Kind == "DELETED").ToList();
        Assert.True(gone.Count >= 10, $"{gone.Count} pods went");
        var first = drill.Truth.First(t => t.At >= TimeSpan.Zero).At;
        Assert.InRange((gone[^1].At - first).TotalSeconds, atLeast, atMost);
    }

    [Fact]
    public void Drain_OfANodeToWhichAPodIsBoundRightAfterTheCordon_EvictsThatToo()
    {
        var isGone = false;
        var drill = new TwinDrill
        {
            Yaml = TenPods.Scenario.Replace("node: node1,", "node: node1, force: true,", StringComparison.Ordinal),
            Annotations = "twin.chaosdrill.dev/termination-delay: 10ms",
            Before = async (twin, client) =>
            {
                await CordonAsync(client, "node2", true);
                twin.Apply(TenPods.Manifest("10ms"));
                await twin.WaitUntilSettledAsync(TimeSpan.FromMinutes(2));
                await CordonAsync(client, "node2", false);
            },
            Meanwhile = async (twin, clock, client, _) =>
            {
                while ((await client.GetAsync(Resources.Nodes, null, "node1")).Spec.Unschedulable != true)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(10), clock);
                }

                await Task.Delay(TimeSpan.FromMilliseconds(50), clock);
                twin.Apply("""
                    apiVersion: v1
                    kind: Pod
                    metadata: { name: late, namespace: shop }
                    spec: { nodeName: node1, containers: [ { name: app, image: "registry.example/app:1" } ] }
                    """);
            },
            After = async (_, client) => isGone = await client.FindAsync(Resources.Pods, "shop", "late") is null,
        }.Run();

        Assert.Equal(DrillOutcome.Pass, drill.Judgement.Outcome);
        Assert.True(isGone);
    }

    private static Task<Node> CordonAsync(KubernetesClient client, string node, bool on) =>
        client.PatchAsync(Resources.Nodes, null, node, Patch.Merge(new System.Text.Json.Nodes.JsonObject { ["spec"] = new System.Text.Json.Nodes.JsonObject { ["unschedulable"] = on } }));
}
