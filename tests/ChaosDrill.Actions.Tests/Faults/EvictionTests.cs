using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using ChaosDrill.Actions.Faults.Evictions;
using ChaosDrill.Actions.Faults.NodeDrain;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Plans;
using ChaosDrill.Twin;
using Xunit;

namespace ChaosDrill.Actions.Tests.Faults;

public sealed class EvictionTests
{
    [Fact]
    public void Evict_HeldBackByABudget_GoesTheMomentTheBudgetAllowsIt()
    {
        var elapsed = TimeSpan.Zero;
        VirtualClock.Run(async clock =>
        {
            await using var twin = new TwinCluster(new TwinOptions { Nodes = 1, Seed = 1, Clock = clock });
            twin.Start();
            twin.Apply("""
                apiVersion: v1
                kind: Pod
                metadata: { name: web, namespace: default, labels: { app: web } }
                spec: { terminationGracePeriodSeconds: 0, containers: [ { name: web, image: "web:1" } ] }
                ---
                apiVersion: policy/v1
                kind: PodDisruptionBudget
                metadata: { name: web, namespace: default }
                spec: { minAvailable: 1, selector: { matchLabels: { app: web } } }
                """);
            var budget = new Budget(twin.CreateHandler());
            await using var client = new KubernetesClient(new Uri("https://twin"), budget, clock);
            await Task.Delay(TimeSpan.FromSeconds(30), clock);
            var pod = await client.GetAsync(Resources.Pods, "default", "web");
            var begin = clock.GetTimestamp();
            var report = new Seen(() => elapsed = clock.GetElapsedTime(begin));
            var evicting = new Eviction(client, new EvictionManner(TimeSpan.Zero, TimeSpan.FromMinutes(5), false), report)
                .RunAsync(evict => evict([new Target("Pod", "default", "web", pod.Metadata.Uid!)]), "default", new WatchOptions(), default);
            await Task.Delay(TimeSpan.FromMilliseconds(3200), clock);
            budget.Allows = true;
            await client.PatchStatusAsync(
                Resources.PodDisruptionBudgets, "default", "web", Patch.Merge(JsonNode.Parse("""{"status":{"disruptionsAllowed":1,"currentHealthy":2}}""")!));
            await evicting;
            Assert.Equal(0, clock.ForeignPosts);
        });

        Assert.InRange(elapsed.TotalSeconds, 3.2, 3.3);
    }

    [Fact]
    public void Filters_RuleInKubectlsOrderAndWords()
    {
        var options = new NodeDrain { Node = "n" };
        var daemon = Owned("DaemonSet");
        Assert.Equal(DrainFilters.DaemonSet, DrainFilters.Rule(daemon, options, true).Error);
        Assert.Equal(DrainRuling.Skip, DrainFilters.Rule(daemon, options with { IgnoreDaemonSets = true }, true));
        Assert.Equal(DrainRuling.Evict, DrainFilters.Rule(daemon, options with { Force = true }, false));
        Assert.Equal(DrainFilters.Unmanaged, DrainFilters.Rule(new Pod(), options, false).Error);
        Assert.Equal(DrainRuling.Evict, DrainFilters.Rule(new Pod(), options with { Force = true }, false));
        Assert.Equal(DrainRuling.Evict, DrainFilters.Rule(Owned("ReplicaSet"), options, false));
    }

    private static Pod Owned(string kind) =>
        new() { Metadata = new ObjectMeta { OwnerReferences = [new OwnerReference { ApiVersion = "apps/v1", Kind = kind, Name = "o", Controller = true }] } };

    /// <summary>Refuses evictions as a server does whose budget is exhausted.</summary>
    private sealed class Budget(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        public bool Allows { get; set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Allows || !request.RequestUri!.AbsolutePath.EndsWith("/eviction", StringComparison.Ordinal)
                ? base.SendAsync(request, cancellationToken)
                : Task.FromResult(new HttpResponseMessage(HttpStatusCode.TooManyRequests)
                {
                    Content = new StreamContent(new MemoryStream(Encoding.UTF8.GetBytes(
                        """{"kind":"Status","apiVersion":"v1","status":"Failure","message":"Cannot evict pod as it would violate the pod's disruption budget.","reason":"TooManyRequests","code":429}"""))),
                });
    }

    private sealed class Seen(Action gone) : IFaultReport
    {
        public UndoRecord RecordUndo(string kind, string description, string payload, TimeSpan? within) => throw new InvalidOperationException();

        public void Requested(params IReadOnlyList<Target> targets)
        {
        }

        public void Acknowledged(Target target)
        {
        }

        public void TookEffect(Target target, string evidence, long timestamp) => gone();

        public Task<string?> UndoAsync(UndoRecord undo) => throw new InvalidOperationException();

        public void Phase(string phase, string? detail, long? timestamp, string? subject) => throw new InvalidOperationException();

        public void Check(string check, bool? held, string evidence) => throw new InvalidOperationException();

        public void Figure(string name, Model.Measures.MeasureUnit unit, double value, double? low, double? high, string? subject) => throw new InvalidOperationException();

        public void FigureUnknown(string name, Model.Measures.MeasureUnit unit, string why, string? subject) => throw new InvalidOperationException();

        public void Note(string text) => throw new InvalidOperationException();
    }
}
