using System.Text.Json.Nodes;

namespace ChaosDrill.Twin.Tests;

public sealed class NamespaceTests
{
    [Fact]
    public void Namespace_Created_IsFurnished() => TwinRun.Go(async run =>
    {
        run.Cluster.Apply("{ apiVersion: v1, kind: Namespace, metadata: { name: n } }");
        await run.Delay(1);
        Assert.Equal("default", (string?)(await run.ItemsAsync("/api/v1/namespaces/n/serviceaccounts"))[0]["metadata"]!["name"]);
        Assert.Equal("kube-root-ca.crt", (string?)(await run.ItemsAsync("/api/v1/namespaces/n/configmaps"))[0]["metadata"]!["name"]);
    });

    [Fact]
    public void Namespace_Deleted_TakesItsContentAlongAndRefusesNewcomers() => TwinRun.Go(async run =>
    {
        await run.SettleAsync(Shop.Manifest);
        using var watch = await run.Client.WatchAsync("/api/v1/namespaces?watch=true&resourceVersion=now");
        var answer = await run.DeleteAsync("/api/v1/namespaces/shop");
        Assert.Equal("Terminating", (string?)answer["status"]!["phase"]);
        var (status, refusal) = await run.Client.SendAsync("POST", "/api/v1/namespaces/shop/configmaps", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"late"}}""");
        Assert.Equal(403, status);
        Assert.Equal("""{"name":"late","kind":"configmaps","causes":[{"reason":"NamespaceTerminating","message":"namespace shop is being terminated","field":"metadata.namespace"}]}""", refusal!["details"]!.ToJsonString());
        Assert.Equal("configmaps \"late\" is forbidden: unable to create new content in namespace shop because it is being terminated", (string?)refusal["message"]);
        await run.Delay(4.9);
        Assert.Equal(5, (await run.ItemsAsync("/api/v1/namespaces/shop/pods")).Count);
        await run.Delay(20);
        Assert.Equal(404, (await run.Client.SendAsync("GET", "/api/v1/namespaces/shop")).Status);
        Assert.Empty(await run.ItemsAsync("/api/v1/namespaces/shop/pods"));
        Assert.Empty(await run.ItemsAsync("/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices"));
        var types = new List<string>();
        do
        {
            types.Add((await watch.NextAsync())!.Value.Type);
        }
        while (types[^1] != "DELETED");
        Assert.All(types[..^1], t => Assert.Equal("MODIFIED", t));
    });

    [Fact]
    public void Namespace_HeldByAFinalizer_SaysSoAndGoesWhenItIsRemoved() => TwinRun.Go(async run =>
    {
        run.Cluster.Apply("""
            { apiVersion: v1, kind: Namespace, metadata: { name: n } }
            ---
            { apiVersion: v1, kind: ConfigMap, metadata: { name: held, namespace: n, finalizers: [example.com/hold] } }
            """);
        await run.DeleteAsync("/api/v1/namespaces/n");
        await run.Delay(30);
        var conditions = (JsonArray)(await run.Client.GetAsync("/api/v1/namespaces/n"))["status"]!["conditions"]!;
        Assert.Equal(5, conditions.Count);
        Assert.Contains(conditions, c => (string?)c!["type"] == "NamespaceFinalizersRemaining" && (string?)c["status"] == "True" &&
            (string?)c["message"] == "Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances");
        await run.Client.PatchAsync("/api/v1/namespaces/n/configmaps/held", """{"metadata":{"finalizers":null}}""");
        await run.Delay(5);
        Assert.Equal(404, (await run.Client.SendAsync("GET", "/api/v1/namespaces/n")).Status);
    });
}
