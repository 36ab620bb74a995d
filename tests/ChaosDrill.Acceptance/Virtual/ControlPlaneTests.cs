using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Timelines;
using ChaosDrill.Twin;
using Xunit;

namespace ChaosDrill.Acceptance.Virtual;

/// <summary>A drill that takes the API server away lives through its absence, and says what it could not see.</summary>
public sealed class ControlPlaneTests
{
    [Fact]
    public void ApiServer_Stopped_IsProvedTimedAndPutBackWithoutAnApi()
    {
        IReadOnlyList<string>? before = null, after = null;
        var drill = new TwinDrill
        {
            Yaml = Scenario("""
                - name: Stop
                      controlPlaneFailure: { component: apiServer }
                    - wait: { for: 20s }
                    - undo: { step: Stop }
                    - awaitRecovery: { of: [probe/api], stableFor: 10s, timeout: 3m }
                """, "- recoveryTime: { of: probe/api, atMost: 40s }"),
            Before = async (_, client) => before = await ClusterPicture.TakeAsync(client),
            After = async (_, client) => after = await ClusterPicture.TakeAsync(client),
        }.Run();

        Assert.True(drill.Judgement.Outcome == DrillOutcome.Pass, drill.Judgement.Reason);
        Assert.InRange(drill.Recovery.Time.Value!.Value, 19.5, 22);
        Assert.Equal(before, after);
        Assert.Contains(drill.Record.Timeline, e => e.Event is ObservationGap { What: "deployment/storefront" } gap && gap.To - gap.From > TimeSpan.FromSeconds(15));
        var samples = drill.Record.Timeline.Select(e => e.Event).OfType<ProbeSampled>().ToList();
        Assert.Contains(samples, s => s.Probe == "api" && s.Outcome == SampleOutcome.Failure && s.Detail!.Contains("refused", StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain(samples, s => s.Probe == "storefront" && s.Outcome == SampleOutcome.Failure);
        Assert.Contains(samples, s => s.Probe == "storefront" && s.Outcome == SampleOutcome.Unknown && s.Detail!.Contains("refused", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void ApiServer_AwayForLongerThanTheLockLasts_DoesNotEndTheDrill()
    {
        var drill = new TwinDrill
        {
            Yaml = Scenario("""
                - name: Stop
                      controlPlaneFailure: { component: apiServer }
                    - wait: { for: 3m }
                """, "- longestOutage: { probe: api, atMost: 4m }"),
        }.Run();

        Assert.True(drill.Judgement.Outcome == DrillOutcome.Pass, drill.Judgement.Reason);
        Assert.True(drill.Judgement.UndoComplete);
    }

    [Fact]
    public void ApiServer_WithMaxDuration_ComesBackByItself()
    {
        var drill = new TwinDrill
        {
            Yaml = Scenario("""
                - name: Stop
                      controlPlaneFailure: { component: apiServer, maxDuration: 10s }
                    - awaitRecovery: { of: [probe/api], stableFor: 10s, timeout: 3m }
                """, "- recoveryTime: { of: probe/api, atMost: 20s }"),
        }.Run();

        Assert.True(drill.Judgement.Outcome == DrillOutcome.Pass, drill.Judgement.Reason);
        Assert.InRange(drill.Recovery.Time.Value!.Value, 9, 12);
    }

    [Fact]
    public void Recovery_WhileNothingCanBeSeen_IsNotSeenEither()
    {
        // The pod is killed and replaced while the API server is away: what is seen afterwards bounds it, and does not flatter.
        var drill = new TwinDrill
        {
            Yaml = Scenario("""
                - name: Kill
                      podKill: { selector: app=storefront, mode: one, gracePeriod: 0s }
                    - name: Stop
                      controlPlaneFailure: { component: apiServer, maxDuration: 30s }
                    - awaitRecovery: { of: [deployment/storefront], stableFor: 10s, timeout: 3m }
                """, "- recoveryTime: { of: deployment/storefront, atMost: 60s }"),
        }.Run();

        var back = drill.Record.Timeline.First(e => e.Event is UndoFinished).At;
        var ready = drill.Record.Timeline.Last(e => e.Event is WorkloadObserved { Ready: 3 }).At;
        Assert.True(ready > back);
        Assert.Equal(DrillOutcome.Pass, drill.Judgement.Outcome);
        Assert.InRange(drill.Recovery.Time.Value!.Value, 30, 40);
        Assert.True(drill.Recovery.Time.Low <= drill.Recovery.Time.Value);
    }

    [Fact]
    public void Scheduler_ThatAnotherReplaces_IsNotProved()
    {
        // Somebody goes on renewing the lease, as a second scheduler would.
        var drill = new TwinDrill
        {
            Yaml = Scenario("- controlPlaneFailure: { component: scheduler }", "- longestOutage: { probe: api, atMost: 1m }"),
            Meanwhile = async (_, clock, client, _) =>
            {
                for (var i = 0; i < 100; i++)
                {
                    await Task.Delay(TimeSpan.FromSeconds(2), clock);
                    var lease = await client.GetAsync(Resources.Leases, "kube-system", "kube-scheduler");
                    await client.ReplaceAsync(Resources.Leases, "kube-system", lease with { Spec = lease.Spec with { HolderIdentity = "another", RenewTime = clock.GetUtcNow() } });
                }
            },
        }.Run();

        Assert.Equal(DrillOutcome.Inconclusive, drill.Judgement.Outcome);
        Assert.Contains("never seen", drill.Judgement.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Component_ThatIsStoppedAlready_IsRefused()
    {
        var drill = new TwinDrill
        {
            Yaml = Scenario("- controlPlaneFailure: { component: scheduler }", "- longestOutage: { probe: api, atMost: 1m }"),
            Before = (twin, _) =>
            {
                twin.StopScheduler();
                return Task.CompletedTask;
            },
        }.Run();

        Assert.Equal(DrillOutcome.Refused, drill.Judgement.Outcome);
        Assert.Contains("stopped already", drill.Judgement.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void ApiServer_GoneWithTheDrill_IsBackByTheNextStart()
    {
        // No drill at all: only what its journal holds, and an API server that refuses.
        var undone = VirtualClock.Run(async clock =>
        {
            await using var twin = new TwinCluster(new TwinOptions { Clock = clock });
            twin.Start();
            twin.PauseApi(ApiOutage.Refuse);
            await using var next = new Actions.Clusters.KubernetesCluster(new KubernetesClient(new Uri("https://twin"), twin.CreateHandler(), clock), "twin", isTwin: false);
            return await next.UndoAsync(
                new Engine.Ports.UndoRecord("drill-1", "001-controlPlaneFailure", "controlPlaneFailure", "start kube-apiserver again", """{"namespace":"default","component":"kube-apiserver","twin":true}""", default),
                CancellationToken.None);
        });

        Assert.Equal("kube-apiserver runs again", undone);
    }

    private static string Scenario(string steps, string objective) => $$"""
        apiVersion: chaosdrill.dev/v1
        kind: Scenario
        metadata: { name: control-plane }
        spec:
          cluster: { namespace: shop }
          probes:
            - name: api
              api: {}
              every: 100ms
              timeout: 1s
            - name: storefront
              service: { name: storefront, port: 80, path: /healthz }
              every: 100ms
              timeout: 1s
          steadyState:
            - workload: deployment/storefront
          steps:
            {{steps}}
          objectives:
            {{objective}}
        """;
}
