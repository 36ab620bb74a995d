namespace ChaosDrill.Acceptance.Virtual;

/// <summary>Ten pods on one node and a drill that drains it; the drain benchmark races kubectl on the same.</summary>
internal static class TenPods
{
    public const string Scenario = """
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

    public const string Budget = """

        ---
        apiVersion: policy/v1
        kind: PodDisruptionBudget
        metadata: { name: ten, namespace: shop }
        spec: { maxUnavailable: 1, selector: { matchLabels: { app: ten } } }
        """;

    /// <summary>They may run on node1 and node2; cordon node2 while they are created.</summary>
    /// <param name="termination">From SIGTERM until they have ended.</param>
    public static string Manifest(string termination) => $$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata: { name: ten, namespace: shop }
        spec:
          replicas: 10
          selector: { matchLabels: { app: ten } }
          template:
            metadata: { labels: { app: ten }, annotations: { twin.chaosdrill.dev/start-delay: "50ms", twin.chaosdrill.dev/ready-delay: "100ms", twin.chaosdrill.dev/termination-delay: "{{termination}}" } }
            spec:
              terminationGracePeriodSeconds: 600
              affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [ { matchExpressions: [ { key: kubernetes.io/hostname, operator: In, values: [node1, node2] } ] } ] } } }
              containers: [ { name: app, image: "registry.example/app:1" } ]
        """;
}
