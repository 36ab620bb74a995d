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

    [Fact]
    public void AThousandNodes_WithTenThousandPods_StartAndOneIsDrained() => TwinRun.Go(
        async run =>
        {
            for (var i = 0; i < 10; i++)
            {
                run.Cluster.Apply(TwinRun.Deployment($"d{i}", 1000));
            }

            await run.Cluster.WaitUntilSettledAsync(TimeSpan.FromMinutes(5));
            await run.Client.PatchAsync("/api/v1/nodes/node500", """{"spec":{"unschedulable":true}}""");
            var there = await run.ItemsAsync("/api/v1/pods?fieldSelector=spec.nodeName%3Dnode500");
            Assert.Equal(10, there.Count);
            foreach (var name in there.Select(p => (string)p["metadata"]!["name"]!))
            {
                var (status, body) = await run.Client.SendAsync("POST", $"/api/v1/namespaces/default/pods/{name}/eviction", $$$"""{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"{{{name}}}"}}""");
                Assert.True(status == 201, $"{body}");
            }

            await run.Delay(5);
            Assert.Empty(await run.ItemsAsync("/api/v1/pods?fieldSelector=spec.nodeName%3Dnode500"));
            await run.SettleAsync();
            Assert.Equal(10_000, run.Cluster.Plane.Store.List(Storage.BuiltInTypes.Pods).Count(PodConditions.IsReady));
        },
        new TwinOptions { Nodes = 1000 });
}
