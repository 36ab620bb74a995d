namespace ChaosDrill.Twin.Tests.Fidelity;

/// <summary>What was there before a recording began, as far as it needs it.</summary>
internal static class Scene
{
    public static readonly string[] All =
    [
        "discovery", "errors", "crud", "pod-kill", "eviction", "drain", "rollout-failure", "scale-to-zero", "statefulset-daemonset-job", "namespace-delete", "node-failure", "crd", "velero",
    ];

    /// <summary>Manifests, applied one after another.</summary>
    public static IReadOnlyList<string> Setup(string scene) => scene switch
    {
        "pod-kill" => [App("rec-kill")],
        "eviction" => [App("rec-evict")],
        "drain" => [App("rec-drain", 6)],
        "rollout-failure" => [App("rec-roll"), App("rec-roll", spec: "progressDeadlineSeconds: 8")],
        "scale-to-zero" => [App("rec-scale")],
        "statefulset-daemonset-job" => [Namespace("rec-sts")],
        "namespace-delete" => [App("rec-ns")],
        "node-failure" => [App("rec-node", 6, pod: """
            tolerations:
                      - { key: node.kubernetes.io/not-ready, operator: Exists, effect: NoExecute, tolerationSeconds: 5 }
                      - { key: node.kubernetes.io/unreachable, operator: Exists, effect: NoExecute, tolerationSeconds: 5 }
            """)],
        "velero" => [App("rec-shop")],
        _ => [],
    };

    private static string Namespace(string ns) => $$"""
        apiVersion: v1
        kind: Namespace
        metadata: { name: {{ns}} }
        """;

    private static string App(string ns, int replicas = 3, string spec = "", string pod = "") => $$"""
        {{Namespace(ns)}}
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: { name: a, namespace: {{ns}}, labels: { app: a } }
        spec:
          replicas: {{replicas}}
          {{spec}}
          selector: { matchLabels: { app: a } }
          template:
            metadata: { labels: { app: a } }
            spec:
              terminationGracePeriodSeconds: 2
              {{pod}}
              containers:
              - { name: app, image: "registry.example/app:1.0", ports: [{ containerPort: 8080 }], resources: { requests: { cpu: 100m, memory: 64Mi } } }
        ---
        apiVersion: v1
        kind: Service
        metadata: { name: a, namespace: {{ns}} }
        spec: { selector: { app: a }, ports: [{ port: 80, targetPort: 8080 }] }
        """;
}
