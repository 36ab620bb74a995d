using ChaosDrill.Actions;
using ChaosDrill.Actions.Clusters;
using ChaosDrill.Engine.Drills;
using ChaosDrill.Engine.Planning;
using ChaosDrill.Engine.Scenarios;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Drills;
using ChaosDrill.Store;
using ChaosDrill.Twin;

namespace ChaosDrill.Benchmarks;

/// <summary>Pod kills on a twin, beside the truth that the twin itself wrote down.</summary>
internal static class TwinKill
{
    public static string Manifest(int replicas, string readyDelay) => $$"""
        apiVersion: v1
        kind: Namespace
        metadata: { name: shop }
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: { name: storefront, namespace: shop }
        spec:
          replicas: {{replicas}}
          selector: { matchLabels: { app: storefront } }
          template:
            metadata:
              labels: { app: storefront }
              annotations: { twin.chaosdrill.dev/start-delay: "50ms", twin.chaosdrill.dev/ready-delay: "{{readyDelay}}" }
            spec:
              containers: [ { name: web, image: "shop/storefront:1" } ]
        ---
        apiVersion: v1
        kind: Service
        metadata: { name: storefront, namespace: shop }
        spec:
          selector: { app: storefront }
          ports: [ { port: 80 } ]
        """;

    public static string Scenario(int repeat, string stableFor) => $$"""
        apiVersion: chaosdrill.dev/v1
        kind: Scenario
        metadata: { name: bench }
        spec:
          cluster: { namespace: shop }
          probes:
            - { name: storefront, service: { name: storefront, port: 80 }, every: 100ms, timeout: 1s }
          steps:
            - podKill: { selector: app=storefront, gracePeriod: 0s }
            - awaitRecovery: { of: [deployment/storefront], stableFor: {{stableFor}}, timeout: 2m }
          objectives:
            - recoveryTime: { of: deployment/storefront, atMost: 30s }
          guards: { maxDuration: 30m }
          repeat: {{repeat}}
        """;

    public static async Task<Judgement> RunAsync(TwinCluster twin, KubernetesClient client, TimeProvider clock, string scenarioText, string store)
    {
        var scenario = new ScenarioReader(ScenarioVocabulary.BuiltIn.With(ActionVocabulary.Steps, ActionVocabulary.Probes)).Read(scenarioText, "bench.yaml");
        await using var cluster = new KubernetesCluster(client, "twin", isTwin: true);
        var plan = await Planner.PlanAsync(scenario, cluster, 1, CancellationToken.None);
        using var journal = DrillStore.Open(store);
        var header = DrillHeaders.For(scenario, plan, $"bench-{clock.GetTimestamp()}", clock.GetUtcNow(), "bench", p => p.Name);
        using var abort = new AbortSwitch();
        var (_, judgement) = await new DrillRun(scenario, header, cluster, journal, clock, abort).RunAsync();
        return judgement;
    }

    /// <summary>Recovery times in ms as they really were: from each DELETED pod to the next moment at which all replicas were ready.</summary>
    public static List<double> Truth(TwinCluster twin, int replicas)
    {
        var ready = new HashSet<string>();
        var recoveries = new List<double>();
        long? effect = null;
        foreach (var change in twin.History.Where(c => c.Resource == "pods" && c.Namespace == "shop"))
        {
            if (change.Kind == "DELETED")
            {
                ready.Remove(change.Uid);
                effect ??= change.Timestamp;
            }
            else
            {
                _ = change.Ready == true ? ready.Add(change.Uid) : ready.Remove(change.Uid);
            }

            if (effect is { } begin && ready.Count >= replicas)
            {
                recoveries.Add(TimeProvider.System.GetElapsedTime(begin, change.Timestamp).TotalMilliseconds);
                effect = null;
            }
        }

        return recoveries;
    }
}
