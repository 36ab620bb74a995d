namespace ChaosDrill.Twin.Tests;

public sealed class ListTests
{
    private const string Maps = "/api/v1/namespaces/default/configmaps";

    [Fact]
    public void Pages_OfAListThatChangesMeanwhile_ShowTheFirstState() => TwinRun.Go(async run =>
    {
        foreach (var name in (string[])["a", "b", "c", "d"])
        {
            run.Cluster.Apply($"{{ apiVersion: v1, kind: ConfigMap, metadata: {{ name: {name}, namespace: default }} }}");
        }

        await run.Delay(1);
        var first = await run.Client.GetAsync($"{Maps}?limit=2");
        Assert.Equal(3, (long)first["metadata"]!["remainingItemCount"]!);
        await run.DeleteAsync($"{Maps}/d");
        run.Cluster.Apply("{ apiVersion: v1, kind: ConfigMap, metadata: { name: bb, namespace: default } }");
        var second = await run.Client.GetAsync($"{Maps}?limit=2&continue={first["metadata"]!["continue"]}");
        var third = await run.Client.GetAsync($"{Maps}?limit=2&continue={second["metadata"]!["continue"]}");
        Assert.Equal((string?)first["metadata"]!["resourceVersion"], (string?)third["metadata"]!["resourceVersion"]);
        Assert.Equal(["c", "d"], second["items"]!.AsArray().Select(i => (string?)i!["metadata"]!["name"]));
        Assert.Null(third["metadata"]!["continue"]);
        Assert.Single(third["items"]!.AsArray());
    });

    [Fact]
    public void Page_AfterHistoryWasForgotten_HasExpired() => TwinRun.Go(async run =>
    {
        run.Cluster.Apply("{ apiVersion: v1, kind: ConfigMap, metadata: { name: a, namespace: default } }");
        await run.Delay(1);
        var first = await run.Client.GetAsync($"{Maps}?limit=1");
        run.Cluster.Apply("{ apiVersion: v1, kind: ConfigMap, metadata: { name: b, namespace: default } }");
        run.Cluster.ForgetHistory();
        var (status, body) = await run.Client.SendAsync("GET", $"{Maps}?limit=1&continue={first["metadata"]!["continue"]}");
        Assert.Equal(410, status);
        Assert.Equal("Expired", (string?)body!["reason"]);
    });

    [Theory]
    [InlineData("app", "web,api")]
    [InlineData("app=web", "web")]
    [InlineData("app==web", "web")]
    [InlineData("app!=web", "api,none")]
    [InlineData("app in (web, api),tier", "api")]
    [InlineData("app notin (web)", "api,none")]
    [InlineData("!app", "none")]
    [InlineData("app=web,tier=x", "")]
    public void LabelSelector_OfEveryForm_Selects(string selector, string expected) => TwinRun.Go(async run =>
    {
        run.Cluster.Apply("""
            { apiVersion: v1, kind: Secret, metadata: { name: web, namespace: default, labels: { app: web } } }
            ---
            { apiVersion: v1, kind: Secret, metadata: { name: api, namespace: default, labels: { app: api, tier: x } } }
            ---
            { apiVersion: v1, kind: Secret, metadata: { name: none, namespace: default } }
            """);
        var found = await run.ItemsAsync($"/api/v1/namespaces/default/secrets?labelSelector={Uri.EscapeDataString(selector)}");
        Assert.Equal(expected.Split(',', StringSplitOptions.RemoveEmptyEntries).Order(), found.Select(f => (string?)f["metadata"]!["name"]).Order());
    });

    [Fact]
    public void FieldSelectors_OfPods_Select() => TwinRun.Go(async run =>
    {
        await run.SettleAsync(TwinRun.Deployment("a"));
        Assert.Single(await run.ItemsAsync("/api/v1/pods?fieldSelector=spec.nodeName%3Dnode2"));
        Assert.Equal(3, (await run.ItemsAsync("/api/v1/pods?fieldSelector=status.phase%3DRunning,metadata.namespace!%3Dshop")).Count);
        var name = (await run.PodNamesAsync("a"))[0];
        Assert.Single(await run.ItemsAsync($"/api/v1/namespaces/default/pods?fieldSelector=metadata.name%3D{name}"));
        Assert.NotEmpty(await run.ItemsAsync($"/api/v1/namespaces/default/events?fieldSelector=involvedObject.name%3D{name},involvedObject.kind%3DPod"));
    });
}
