using ChaosDrill.Actions;
using ChaosDrill.Actions.Clusters;
using ChaosDrill.Engine.Drills;
using ChaosDrill.Engine.Planning;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Engine.Scenarios;
using ChaosDrill.Hosting;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Measures;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Timelines;
using ChaosDrill.Twin;

namespace ChaosDrill.Acceptance.Virtual;

/// <summary>A whole drill on a twin in virtual time: the real client, the real engine, no socket and no waiting.</summary>
internal sealed record TwinDrill
{
    public const string Shop = """
        apiVersion: v1
        kind: Namespace
        metadata: { name: shop }
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: { name: storefront, namespace: shop }
        spec:
          replicas: 3
          selector: { matchLabels: { app: storefront } }
          template:
            metadata:
              labels: { app: storefront }
              annotations: { ANNOTATIONS }
            spec:
              containers: [ { name: web, image: "shop/storefront:1" } ]
        ---
        apiVersion: v1
        kind: Service
        metadata: { name: storefront, namespace: shop }
        spec:
          selector: { app: storefront }
          ports: [ { port: 80 } ]
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: { name: settings, namespace: shop, labels: { a: b } }
        data: { CURRENCY: EUR }
        ---
        apiVersion: v1
        kind: Secret
        metadata: { name: key, namespace: shop }
        stringData: { api-key: not-a-real-key }
        """;

    public const string Database = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: { name: database, namespace: shop }
        spec:
          selector: { matchLabels: { app: database } }
          template:
            metadata: { labels: { app: database } }
            spec: { containers: [ { name: sql, image: "shop/database:1", ports: [ { containerPort: 5432 } ] } ] }
        """;

    public const string Scenario = """
        apiVersion: chaosdrill.dev/v1
        kind: Scenario
        metadata: { name: pod-kill }
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
            - name: Kill
              podKill: { selector: app=storefront, mode: one, gracePeriod: 0s }
            - awaitRecovery: { of: [deployment/storefront], stableFor: 10s, timeout: 3m }
          objectives:
            - recoveryTime: { of: deployment/storefront, atMost: 30s }
        """;

    /// <summary>A context that leads to the drill's own cluster, under another address.</summary>
    public const string Itself = "itself";

    public string Annotations { get; init; } = """twin.chaosdrill.dev/ready-delay: "2s" """;

    public string Yaml { get; init; } = Scenario;

    public int Seed { get; init; } = 7;

    /// <summary>Whether the plan is one that somebody approved.</summary>
    public bool IsApproved { get; init; }

    /// <summary>The ways back that it records, in order.</summary>
    public List<UndoRecord> Undos { get; init; } = [];

    /// <summary>A manifest of what else there is.</summary>
    public string? Also { get; init; }

    /// <summary>As whom the drill asks; null is the administrator.</summary>
    public string? User { get; init; }

    /// <summary>What the twin is furnished with.</summary>
    public string Manifest { get; init; } = Shop;

    /// <summary>What the twin is made of besides.</summary>
    public TwinOptions Twin { get; init; } = new();

    /// <summary>What a second twin, which reads the same bucket, is called; null is none.</summary>
    public string? Beside { get; init; }

    /// <summary>What is done to the second twin before the drill is planned.</summary>
    public Func<TwinCluster, KubernetesClient, Task>? BesideFirst { get; init; }

    /// <summary>Whether the cluster is told to be a twin.</summary>
    public bool IsTwin { get; init; } = true;

    /// <summary>What else happens while the drill runs, on the same clock.</summary>
    public Func<TwinCluster, VirtualClock, KubernetesClient, AbortSwitch, Task>? Meanwhile { get; init; }

    /// <summary>What is done to the twin before the drill is planned.</summary>
    public Func<TwinCluster, KubernetesClient, Task>? Before { get; init; }

    /// <summary>What is looked at after the drill.</summary>
    public Func<TwinCluster, KubernetesClient, Task>? After { get; init; }

    public sealed record Result(DrillRecord Record, Judgement Judgement, Plan Plan, IReadOnlyList<Observed> Truth)
    {
        public Recovery Recovery => Judgement.Recoveries[0];
    }

    /// <summary>What really happened to a pod: the twin's own record of its writes, with instants relative to the drill's start.</summary>
    public sealed record Observed(TimeSpan At, string Kind, string Uid, bool Ready);

    public Result Run()
    {
        var foreign = 0;
        var result = VirtualClock.Run(async clock =>
        {
            var outcome = await RunAsync(clock);
            foreign = clock.ForeignPosts;
            return outcome;
        });
        Xunit.Assert.Equal(0, foreign);
        return result;
    }

    private async Task<Result> RunAsync(VirtualClock clock)
    {
        var scenario = new ScenarioReader(ScenarioVocabulary.BuiltIn.With(ActionVocabulary.Steps, ActionVocabulary.Probes)).Read(Yaml, "test.yaml");
        var options = Twin with { Nodes = 3, Seed = Seed, Clock = clock };
        await using var beside = Beside is null ? null : new TwinBeside(Beside, options);
        await using var twin = new TwinCluster(options with { VeleroBucket = beside?.Bucket });
        twin.Start();
        twin.Apply(Manifest.Replace("ANNOTATIONS", Annotations, StringComparison.Ordinal));
        if (Also is not null)
        {
            twin.Apply(Also);
        }

        await twin.WaitUntilSettledAsync(TimeSpan.FromMinutes(2));
        var client = new KubernetesClient(new Uri("https://twin"), twin.CreateHandler(), clock);
        if (Before is not null)
        {
            await Before(twin, client);
        }

        if (BesideFirst is not null)
        {
            await BesideFirst(beside!.Twin, TwinBeside.Connect(beside, Beside!));
        }

        var own = User is null ? client : new KubernetesClient(new Uri("https://twin"), twin.CreateHandler(User), clock);
        await using var cluster = new KubernetesCluster(
            own, "twin", IsTwin, others: new OtherClusters(context => context == Itself ? new KubernetesClient(new Uri("https://alias"), twin.CreateHandler(), clock) : TwinBeside.Connect(beside, context)));
        var plan = await Planner.PlanAsync(scenario, cluster, Seed, CancellationToken.None);
        var header = DrillHeaders.For(scenario, plan, "drill-1", clock.GetUtcNow(), "test", probe => cluster.ProbeFor(probe, scenario).Summary) with
        {
            ApprovedPlan = IsApproved ? "digest" : null,
        };
        using var abort = new AbortSwitch();
        var start = clock.GetTimestamp();
        var meanwhile = Meanwhile?.Invoke(twin, clock, client, abort) ?? Task.CompletedTask;
        var (record, judgement) = await new DrillRun(scenario, header, cluster, new ForgetfulJournal(Undos), clock, abort).RunAsync();
        await meanwhile;
        if (After is not null)
        {
            await After(twin, client);
        }

        var truth = twin.History.Where(c => c.Resource == "pods" && c.Namespace == "shop")
            .Select(c => new Observed(clock.GetElapsedTime(start, c.Timestamp), c.Kind, c.Uid, c.Ready == true));
        return new Result(record, judgement, plan, [.. truth]);
    }

    /// <summary>Keeps nothing but the ways back: what a drill found is in its result.</summary>
    private sealed class ForgetfulJournal(List<UndoRecord> undos) : IJournal
    {
        public void Begin(DrillHeader header)
        {
        }

        public void Append(string drillId, IReadOnlyList<TimelineEntry> entries)
        {
        }

        public void RecordUndo(UndoRecord undo) => undos.Add(undo);

        public void FinishUndo(string drillId, string undoId)
        {
        }

        public void End(string drillId, DrillEnd end, Judgement judgement)
        {
        }
    }
}
