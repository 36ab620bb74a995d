namespace ChaosDrill.Twin.Tests;

public sealed class PodKillTests
{
    [Fact]
    public void Shop_Applied_SettlesAndServes() => VirtualClock.Run(async clock =>
    {
        await using var cluster = new TwinCluster(new TwinOptions { Clock = clock });
        cluster.Start();
        cluster.Apply(Shop.Manifest);
        await cluster.WaitUntilSettledAsync(TimeSpan.FromSeconds(30));
        using var client = new TwinClient(cluster);
        var (status, body) = await client.SendAsync("GET", "/api/v1/namespaces/shop/services/http:storefront:80/proxy/healthz");
        Assert.True(status == 200, $"{status} {body}");
        Assert.Equal("/healthz", (string?)body!["path"]);
        Assert.Equal(0, clock.ForeignPosts);
    });
}
