namespace ChaosDrill.Twin.Tests;

public sealed class SizeTests
{
    [Fact]
    public void ManyNodes_WithThousandsOfPods_StartEvenlyAndReplaceOne() => TwinRun.Go(
        async run =>
        {
            for (var i = 0; i < 4; i++)
            {
                run.Cluster.Apply(TwinRun.Deployment($"d{i}", 500));
            }

            await run.Cluster.WaitUntilSettledAsync(TimeSpan.FromMinutes(5));
            await run.Delay(1);
            var busiest = (await run.ItemsAsync("/api/v1/pods?labelSelector=app%3Dd3")).GroupBy(p => (string?)p["spec"]!["nodeName"]).Max(g => g.Count());
            Assert.Equal(1, busiest);
            await run.DeleteAsync($"/api/v1/namespaces/default/pods/{(await run.PodNamesAsync("d3"))[0]}", """{"gracePeriodSeconds":0}""");
            await run.Delay(5);
            await run.SettleAsync();
        },
        new TwinOptions { Nodes = 500 });
}
