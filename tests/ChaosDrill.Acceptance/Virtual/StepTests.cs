using System.Text.Json.Nodes;
using ChaosDrill.Actions.Clusters;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Timelines;
using Xunit;

namespace ChaosDrill.Acceptance.Virtual;

/// <summary>The steps around faults: what holds, what does not, what cannot be known, and what is put back.</summary>
public sealed class StepTests
{
    [Theory]
    [InlineData("check: { objectKind: Deployment, apiVersion: apps/v1, name: storefront, condition: Available }", DrillOutcome.Pass)]
    [InlineData("check: { objectKind: Deployment, apiVersion: apps/v1, name: storefront, path: /spec/replicas, equalTo: '3' }", DrillOutcome.Pass)]
    [InlineData("check: { objectKind: ConfigMap, name: settings, path: /data/CURRENCY, equalTo: EUR }", DrillOutcome.Pass)]
    [InlineData("check: { objectKind: ConfigMap, name: nothing, absent: true }", DrillOutcome.Pass)]
    [InlineData("check: { objectKind: Deployment, apiVersion: apps/v1, name: storefront, condition: Progressing=False }", DrillOutcome.Fail)]
    [InlineData("check: { objectKind: Deployment, apiVersion: apps/v1, name: storefront, path: /spec/replicas, equalTo: '4' }", DrillOutcome.Fail)]
    [InlineData("check: { objectKind: Deployment, apiVersion: apps/v1, name: storefront, path: /status/none }", DrillOutcome.Fail)]
    [InlineData("check: { objectKind: ConfigMap, name: nothing, path: /data }", DrillOutcome.Fail)]
    [InlineData("check: { objectKind: ConfigMap, name: settings, absent: true }", DrillOutcome.Fail)]
    [InlineData("waitFor: { objectKind: Deployment, apiVersion: apps/v1, name: storefront, path: /status/readyReplicas, equalTo: '3', timeout: 1m }", DrillOutcome.Pass)]
    [InlineData("waitFor: { objectKind: Deployment, apiVersion: apps/v1, name: storefront, path: /status/readyReplicas, equalTo: '4', timeout: 30s }", DrillOutcome.Fail)]
    [InlineData("waitFor: { objectKind: ConfigMap, name: nothing, path: /data, timeout: 5s }", DrillOutcome.Fail)]
    [InlineData("exec: { selector: app=storefront, command: ['true'] }", DrillOutcome.Pass)]
    [InlineData("exec: { selector: app=storefront, command: ['false'] }", DrillOutcome.Fail)]
    [InlineData("exec: { selector: app=storefront, command: [sleep, '60'], timeout: 5s }", DrillOutcome.Inconclusive)]
    [InlineData("exec: { selector: app=nobody, command: ['true'] }", DrillOutcome.Inconclusive)]
    [InlineData("hold: { question: Is all well?, timeout: 10m }", DrillOutcome.Inconclusive)]
    public void Step_AfterARecovery_DecidesTheOutcome(string step, DrillOutcome expected)
    {
        var drill = new TwinDrill { Yaml = Scenario(step) }.Run();

        Assert.True(expected == drill.Judgement.Outcome, drill.Judgement.Reason);
    }

    [Fact]
    public void Check_OfASecret_ShowsNothingOfIt()
    {
        var drill = new TwinDrill { Yaml = Scenario("check: { objectKind: Secret, name: key, path: /data/api-key }") }.Run();

        Assert.Equal(DrillOutcome.Pass, drill.Judgement.Outcome);
        Assert.DoesNotContain(drill.Record.Timeline, e => System.Text.Json.JsonSerializer.Serialize(e, DrillJson.Default.TimelineEntry).Contains("bm90LWEtcmVhbC1rZXk", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true, StepOutcome.Done)]
    [InlineData(false, StepOutcome.Disproved)]
    public async Task Hold_Answered_GoesByTheAnswer(bool answer, StepOutcome expected)
    {
        await using var client = new KubernetesClient(new Uri("https://nowhere.invalid"), new HttpClientHandler(), TimeProvider.System);
        await using var cluster = new KubernetesCluster(client, "test", isTwin: false, new Always(answer));
        var hold = cluster.ActivityFor(new Actions.Activities.Holds.Hold { Question = "Is all well?" }, "shop")!;
        var report = new Findings();

        await hold.RunAsync(await hold.PlanAsync(new Random(1), default), report, default);

        Assert.Equal(expected, report.Held switch { true => StepOutcome.Done, false => StepOutcome.Disproved, null => StepOutcome.NotProved });
    }

    [Theory]
    [InlineData("{ kind: ConfigMap, apiVersion: v1, metadata: { name: banner }, data: { TEXT: hello } }")]
    [InlineData("{ kind: ConfigMap, apiVersion: v1, metadata: { name: settings, labels: { a: c }, annotations: { x: y } }, data: { CURRENCY: USD, NEW: value } }")]
    [InlineData("{ kind: Deployment, apiVersion: apps/v1, metadata: { name: storefront, labels: { x: y } }, spec: { minReadySeconds: 1 } }")]
    [InlineData("{ kind: ClusterRole, apiVersion: rbac.authorization.k8s.io/v1, metadata: { name: drilled }, rules: [ { apiGroups: [\"\"], resources: [pods], verbs: [get] } ] }")]
    [InlineData("{ kind: Pod, apiVersion: v1, metadata: { name: visitor }, spec: { containers: [ { name: c, image: \"shop/visitor:1\" } ], volumes: [ { name: tmp, emptyDir: {} } ] } }")]
    [InlineData("{ kind: Service, apiVersion: v1, metadata: { name: other }, spec: { selector: { app: storefront }, ports: [ { port: 81 } ] } }")]
    public void Apply_IsPutBackAtTheEnd(string manifest)
    {
        IReadOnlyList<string>? before = null, meanwhile = null, after = null;
        var drill = new TwinDrill
        {
            Yaml = Scenario($"apply: {{ manifest: '{manifest}' }}").Replace("podKill:", "wait: { for: 20s }\n    - podKill:", StringComparison.Ordinal),
            Before = async (_, client) => before = await ClusterPicture.TakeAsync(client),
            Meanwhile = async (_, clock, client, _) =>
            {
                await Task.Delay(TimeSpan.FromSeconds(60), clock);
                meanwhile = await ClusterPicture.TakeAsync(client);
            },
            After = async (_, client) => after = await ClusterPicture.TakeAsync(client),
        }.Run();

        Assert.True(drill.Judgement.Outcome == DrillOutcome.Pass, drill.Judgement.Reason);
        Assert.NotEqual(before, meanwhile);
        Assert.Equal(before, after);
    }

    [Theory]
    [InlineData("{ kind: Service, apiVersion: v1, metadata: { name: other }, spec: { selector: { app: storefront }, ports: [ { port: 81 } ] } }", "services", "")]
    [InlineData("{ kind: ClusterRole, apiVersion: rbac.authorization.k8s.io/v1, metadata: { name: other }, rules: [] }", "clusterroles", "rbac.authorization.k8s.io")]
    public void Apply_OfAnyKind_IsFoundInTheClusterAlone(string manifest, string plural, string group)
    {
        var (found, gone) = (0, false);
        new TwinDrill
        {
            Yaml = Scenario($"apply: {{ manifest: '{manifest}' }}"),
            Meanwhile = async (_, clock, client, _) =>
            {
                await Task.Delay(TimeSpan.FromSeconds(45), clock);
                var cluster = new KubernetesCluster(client, "twin", isTwin: true);
                foreach (var undo in await cluster.FindLeftoversAsync(CancellationToken.None))
                {
                    found++;
                    await cluster.UndoAsync(undo, CancellationToken.None);
                }

                gone = (await client.ListAsync(Resources.Any(group, "v1", plural, "Any", namespaced: group.Length == 0), null)).Items.All(i => i.GetProperty("metadata").GetProperty("name").GetString() != "other");
            },
        }.Run();

        Assert.Equal((1, true), (found, gone));
    }

    [Theory]
    [InlineData("{ kind: ConfigMap, apiVersion: v1, metadata: { name: other, namespace: elsewhere } }", "ConfigMap elsewhere/other is not of namespace shop")]
    [InlineData("{ kind: ClusterRole, apiVersion: rbac.authorization.k8s.io/v1, metadata: { name: other, namespace: shop } }", "ClusterRole other is of the whole cluster and has no namespace")]
    public void Apply_OfAnotherNamespace_IsRefused(string manifest, string message) =>
        Assert.Equal(message, new TwinDrill { Yaml = Scenario($"apply: {{ manifest: '{manifest}' }}") }.Run().Plan.Refusals[0].Message);

    [Theory]
    [InlineData("Secret", "a secret does not belong into a scenario")]
    [InlineData("Namespace", "to undo it would delete what others have put there")]
    [InlineData("Node", "to undo it would delete what others have put there")]
    public void Apply_OfWhatMustNotBe_IsNoScenario(string kind, string message) => Assert.Contains(
        message,
        Assert.Throws<Engine.Scenarios.ScenarioException>(() => new TwinDrill { Yaml = Scenario($"apply: {{ manifest: '{{ kind: {kind}, apiVersion: v1, metadata: {{ name: a }} }}' }}") }.Run()).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Apply_ThatSomebodyElseChanged_IsLeftAloneAndNeedsAPerson()
    {
        ConfigMap? left = null;
        var drill = new TwinDrill
        {
            Yaml = Scenario("apply: { manifest: '{ kind: ConfigMap, apiVersion: v1, metadata: { name: settings }, data: { CURRENCY: USD } }' }"),
            Meanwhile = async (_, clock, client, _) =>
            {
                await Task.Delay(TimeSpan.FromSeconds(60), clock);
                await client.PatchAsync(Resources.ConfigMaps, "shop", "settings", Patch.Merge(JsonNode.Parse("""{"data":{"CURRENCY":"GBP"}}""")!));
            },
            After = async (_, client) => left = await client.GetAsync(Resources.ConfigMaps, "shop", "settings"),
        }.Run();

        Assert.False(drill.Judgement.UndoComplete);
        Assert.Equal("GBP", left!.Data["CURRENCY"]);
        Assert.Empty(left.Metadata.Annotations);
    }

    private static string Scenario(string step) => $$"""
        apiVersion: chaosdrill.dev/v1
        kind: Scenario
        metadata: { name: steps }
        spec:
          cluster: { namespace: shop }
          steadyState:
            - workload: deployment/storefront
          steps:
            - podKill: { selector: app=storefront, gracePeriod: 0s }
            - awaitRecovery: { of: [deployment/storefront], stableFor: 10s, timeout: 3m }
            - {{step}}
            - wait: { for: 60s }
          objectives:
            - recoveryTime: { of: deployment/storefront, atMost: 30s }
        """;

    private sealed class Always(bool answer) : IPerson
    {
        public Task<bool> AskAsync(CancellationToken cancellationToken) => Task.FromResult(answer);
    }

    private sealed class Findings : IActivityReport
    {
        public bool? Held { get; private set; }

        public UndoRecord RecordUndo(string kind, string description, string payload, TimeSpan? within) => throw new InvalidOperationException("a question changes nothing");

        public Task<string?> UndoAsync(UndoRecord undo) => throw new InvalidOperationException("a question changes nothing");

        public void Phase(string phase, string? detail, long? timestamp, string? subject)
        {
        }

        public void Check(string check, bool? held, string evidence) => Held = held;

        public void Figure(string name, Model.Measures.MeasureUnit unit, double value, double? low, double? high, string? subject)
        {
        }

        public void FigureUnknown(string name, Model.Measures.MeasureUnit unit, string why, string? subject)
        {
        }

        public void Note(string text)
        {
        }
    }
}
