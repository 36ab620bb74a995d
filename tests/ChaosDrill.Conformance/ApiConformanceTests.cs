using ChaosDrill.Kubernetes;
using Xunit;

namespace ChaosDrill.Conformance;

/// <summary>What the client and the drills rely on of an API server.</summary>
public sealed class ApiConformanceTests(ClusterUnderTest cluster) : IClassFixture<ClusterUnderTest>
{
    [Fact]
    public async Task Lease_EchoOfAWrite_ComesThroughTheWatchWithItsVersion()
    {
        await cluster.Client.CreateAsync(
            Resources.Leases, cluster.Namespace, new Lease { Metadata = new ObjectMeta { Name = "echo" }, Spec = new LeaseSpec { HolderIdentity = "a" } });
        using var limit = new CancellationTokenSource(ClusterUnderTest.Patience, TimeProvider.System);
        string? written = null;
        await foreach (var e in cluster.Client.WatchAsync(
            Resources.Leases, cluster.Namespace, new WatchOptions { FieldSelector = "metadata.name=echo" }, limit.Token))
        {
            if (e.Type == WatchEventType.Synced)
            {
                var lease = await cluster.Client.GetAsync(Resources.Leases, cluster.Namespace, "echo");
                var now = DateTimeOffset.UnixEpoch.AddTicks(17_000_000_001_234_560);
                written = (await cluster.Client.ReplaceAsync(
                    Resources.Leases, cluster.Namespace, lease with { Spec = lease.Spec with { RenewTime = now } })).Metadata.ResourceVersion;
            }
            else if (written is not null && e.ResourceVersion == written)
            {
                Assert.Equal(WatchEventType.Modified, e.Type);
                return;
            }
        }
    }

    [Fact]
    public async Task Replace_OfAStaleObject_Conflicts()
    {
        var lease = await cluster.Client.CreateAsync(Resources.Leases, cluster.Namespace, new Lease { Metadata = new ObjectMeta { Name = "stale" } });
        await cluster.Client.ReplaceAsync(Resources.Leases, cluster.Namespace, lease with { Spec = new LeaseSpec { HolderIdentity = "first" } });

        var conflict = await Assert.ThrowsAsync<ApiException>(() => cluster.Client.ReplaceAsync(
            Resources.Leases, cluster.Namespace, lease with { Spec = new LeaseSpec { HolderIdentity = "second" } }));

        Assert.True(conflict.IsConflict);
    }

    [Fact]
    public async Task Create_Twice_SaysAlreadyExists()
    {
        await cluster.Client.CreateAsync(Resources.ConfigMaps, cluster.Namespace, new ConfigMap { Metadata = new ObjectMeta { Name = "twice" } });

        var refusal = await Assert.ThrowsAsync<ApiException>(() => cluster.Client.CreateAsync(
            Resources.ConfigMaps, cluster.Namespace, new ConfigMap { Metadata = new ObjectMeta { Name = "twice" } }));

        Assert.True(refusal.IsAlreadyExists);
        Assert.Equal("configmaps \"twice\" already exists", refusal.Message);
    }

    [Fact]
    public async Task Access_ToADeletionOfPods_IsAnswered()
    {
        var review = await cluster.Client.ReviewAccessAsync(new AccessAttributes { Verb = "delete", Resource = "pods", Namespace = cluster.Namespace });

        Assert.True(review.Allowed);
    }

    [Fact]
    public async Task ServiceProxy_WithoutEndpoints_SaysSoInTheServersName()
    {
        await cluster.Client.CreateAsync(Resources.Any("", "v1", "services", "Service", true), cluster.Namespace, ClusterUnderTest.Json(
            """{"apiVersion":"v1","kind":"Service","metadata":{"name":"empty"},"spec":{"selector":{"app":"nobody"},"ports":[{"port":80}]}}"""));

        var answer = await cluster.Client.ProxyServiceAsync(cluster.Namespace, "empty", "80", "/");

        Assert.True(answer.FromApiServer);
        Assert.Equal(503, answer.StatusCode);
        Assert.Contains("no endpoints available for service", answer.Failure?.Message ?? answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Namespace_Deleted_IsGoneWhenGetSays404()
    {
        var name = cluster.Namespace + "-gone";
        await cluster.Client.CreateAsync(Resources.Namespaces, null, new Namespace { Metadata = new ObjectMeta { Name = name } });
        await cluster.Client.DeleteAsync(Resources.Namespaces, null, name);
        using var limit = new CancellationTokenSource(ClusterUnderTest.Patience, TimeProvider.System);
        while (await cluster.Client.FindAsync(Resources.Namespaces, null, name, limit.Token) is not null)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, limit.Token);
        }
    }
}
