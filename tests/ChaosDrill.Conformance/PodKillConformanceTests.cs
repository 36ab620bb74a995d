using ChaosDrill.Kubernetes;
using Xunit;

namespace ChaosDrill.Conformance;

/// <summary>What a drill relies on when it kills a pod: the same on the twin and on a real control plane.</summary>
public sealed class PodKillConformanceTests(ClusterUnderTest cluster) : IClassFixture<ClusterUnderTest>
{
    [Fact]
    public async Task Kill_WithoutGrace_ShowsTheVictimGoneAndAReplacementReady()
    {
        await cluster.DeployAsync("kill", 3);
        var victim = (await cluster.ReadyPodsAsync("kill", 3))[0];
        using var limit = new CancellationTokenSource(ClusterUnderTest.Patience, TimeProvider.System);
        var seen = new List<string>();
        var asked = false;
        await foreach (var e in cluster.Client.WatchAsync(Resources.Pods, cluster.Namespace, new WatchOptions { LabelSelector = "app=kill" }, limit.Token))
        {
            if (e.Type == WatchEventType.Synced)
            {
                asked = true;
                await cluster.Client.DeleteAsync(
                    Resources.Pods, cluster.Namespace, victim.Metadata.Name!,
                    new DeleteOptions { GracePeriod = TimeSpan.Zero, PreconditionUid = victim.Metadata.Uid }, limit.Token);
            }
            else if (asked && e.Object is { } pod)
            {
                if (pod.Metadata.Uid == victim.Metadata.Uid)
                {
                    seen.Add(e.Type == WatchEventType.Deleted ? "victim gone" : pod.IsTerminating ? "victim terminating" : "victim changed");
                }
                else if (e.Type == WatchEventType.Added)
                {
                    seen.Add("replacement created");
                }
                else if (pod.IsReady && seen.Contains("replacement created"))
                {
                    seen.Add("replacement ready");
                    break;
                }
            }
        }

        Assert.Contains("victim gone", seen);
        Assert.Single(seen, s => s == "replacement created");
        Assert.Equal("replacement ready", seen[^1]);
        Assert.Equal(3, (await cluster.ReadyPodsAsync("kill", 3)).Count);
    }

    [Fact]
    public async Task Delete_WithAnotherUid_IsRefusedAndHarmsNothing()
    {
        await cluster.DeployAsync("uid", 1);
        var pod = (await cluster.ReadyPodsAsync("uid", 1))[0];

        var refusal = await Assert.ThrowsAsync<ApiException>(() => cluster.Client.DeleteAsync(
            Resources.Pods, cluster.Namespace, pod.Metadata.Name!, new DeleteOptions { PreconditionUid = "00000000-0000-0000-0000-000000000000" }));

        Assert.True(refusal.IsConflict);
        Assert.False((await cluster.Client.GetAsync(Resources.Pods, cluster.Namespace, pod.Metadata.Name!)).IsTerminating);
    }

    [Fact]
    public async Task Pods_OfADeployment_AreOwnedThroughAReplicaSet()
    {
        await cluster.DeployAsync("owned", 2);
        var deployment = await cluster.Client.GetAsync(Resources.Deployments, cluster.Namespace, "owned");
        var sets = await cluster.Client.ListAsync(Resources.ReplicaSets, cluster.Namespace);
        foreach (var pod in await cluster.ReadyPodsAsync("owned", 2))
        {
            var set = Assert.Single(sets.Items, s => s.Metadata.Uid == pod.Metadata.Controller?.Uid);
            Assert.Equal(deployment.Metadata.Uid, set.Metadata.Controller?.Uid);
            Assert.Equal("Deployment", set.Metadata.Controller?.Kind);
        }
    }

    [Fact]
    public async Task Endpoints_OfReadyPods_NameThemByUid()
    {
        await cluster.DeployAsync("slice", 2);
        var pods = await cluster.ReadyPodsAsync("slice", 2);
        using var limit = new CancellationTokenSource(ClusterUnderTest.Patience, TimeProvider.System);
        await foreach (var e in cluster.Client.WatchAsync(
            Resources.EndpointSlices, cluster.Namespace, new WatchOptions { LabelSelector = $"{EndpointSlice.ServiceNameLabel}=slice" }, limit.Token))
        {
            var ready = e.Object?.Endpoints.Where(p => p.Conditions.Ready == true).Select(p => p.TargetRef?.Uid).Order() ?? Enumerable.Empty<string?>();
            if (ready.SequenceEqual(pods.Select(p => p.Metadata.Uid).Order()))
            {
                return;
            }
        }
    }
}
