using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Drills;
using Xunit;

namespace ChaosDrill.Acceptance.Virtual;

/// <summary>How long drains take, to the millisecond, in virtual time.</summary>
public sealed class DrainTests
{
    private const string Scenario = """
        apiVersion: chaosdrill.dev/v1
        kind: Scenario
        metadata: { name: drain }
        spec:
          cluster: { namespace: shop }
          steps:
            - nodeDrain: { node: node1, timeout: 5m }
            - awaitRecovery: { of: [deployment/ten], stableFor: 1s, timeout: 10m }
          objectives:
            - recoveryTime: { of: deployment/ten, atMost: 3m }
        """;

    private const string Ten = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: { name: ten, namespace: shop }
        spec:
          replicas: 10
          selector: { matchLabels: { app: ten } }
          template:
            metadata: { labels: { app: ten }, annotations: { twin.chaosdrill.dev/start-delay: "50ms", twin.chaosdrill.dev/ready-delay: "100ms", twin.chaosdrill.dev/termination-delay: "TERMINATION" } }
            spec:
              terminationGracePeriodSeconds: 600
              affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [ { matchExpressions: [ { key: kubernetes.io/hostname, operator: In, values: [node1, node2] } ] } ] } } }
              containers: [ { name: app, image: "registry.example/app:1" } ]
        """;

    private const string Budget = """

        ---
        apiVersion: policy/v1
        kind: PodDisruptionBudget
        metadata: { name: ten, namespace: shop }
        spec: { maxUnavailable: 1, selector: { matchLabels: { app: ten } } }
        """;

    [Theory]
    [InlineData(Budget, "10ms", 9 * 0.15, 10 * 0.25)]
    [InlineData("", "10ms", 0.01, 0.1)]
    [InlineData("", "2m", 120, 120.1)]
    public void Drain_OfTenPods_TakesAsLongAsTheirReplacementsAndNoLonger(string budget, string termination, double atLeast, double atMost)
    {
        var drill = new TwinDrill
        {
            Yaml = Scenario,
            Annotations = "twin.chaosdrill.dev/termination-delay: 10ms",
            Before = async (twin, client) =>
            {
                await CordonAsync(client, "node2", true);
                twin.Apply(Ten.Replace("TERMINATION", termination, StringComparison.Ordinal) + budget);
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

    private static Task<Node> CordonAsync(KubernetesClient client, string node, bool on) =>
        client.PatchAsync(Resources.Nodes, null, node, Patch.Merge(new System.Text.Json.Nodes.JsonObject { ["spec"] = new System.Text.Json.Nodes.JsonObject { ["unschedulable"] = on } }));
}
