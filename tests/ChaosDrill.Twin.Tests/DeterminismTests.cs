namespace ChaosDrill.Twin.Tests;

public sealed class DeterminismTests
{
    [Fact]
    public void SameSeed_RunTwice_GivesTheSameLog() => Assert.Equal(Log(7), Log(7));

    [Fact]
    public void OtherSeed_GivesOtherNames() => Assert.NotEqual(Log(7), Log(8));

    private static List<string> Log(int seed) => VirtualClock.Run(async clock =>
    {
        await using var cluster = new TwinCluster(new TwinOptions { Clock = clock, Seed = seed });
        cluster.Start();
        cluster.Apply(Shop.Manifest);
        await cluster.WaitUntilSettledAsync(TimeSpan.FromMinutes(1));
        using var client = new TwinClient(cluster);
        var pods = (await client.GetAsync("/api/v1/namespaces/shop/pods"))["items"]!.AsArray();
        foreach (var pod in pods.Take(2))
        {
            await client.SendAsync("DELETE", $"/api/v1/namespaces/shop/pods/{pod!["metadata"]!["name"]}", """{"gracePeriodSeconds":0}""");
            var (_, answer) = await client.SendAsync("GET", "/api/v1/namespaces/shop/services/storefront/proxy/");
            Assert.NotNull(answer);
        }

        await Task.Delay(TimeSpan.FromMinutes(1), clock);
        return cluster.History.Select(c => c.ToString()).ToList();
    });
}
