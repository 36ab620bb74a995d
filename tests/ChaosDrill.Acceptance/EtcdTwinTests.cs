using ChaosDrill.Actions.Etcd;
using ChaosDrill.Kubernetes;
using ChaosDrill.Twin;
using Xunit;

namespace ChaosDrill.Acceptance;

/// <summary>A twin that keeps its objects in a real etcd.</summary>
public sealed class EtcdTwinTests
{
    private const string Shop = """
        apiVersion: v1
        kind: Namespace
        metadata: { name: shop }
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: { name: settings, namespace: shop }
        data: { currency: EUR }
        """;

    [Fact]
    [Trait("needs", "etcd")]
    public async Task Twin_RestartedFromEtcd_HasWhatEtcdHas_AndNothingElse()
    {
        Assert.SkipUnless(ProgramPath.Find("etcd") is not null && ProgramPath.Find("etcdctl") is not null, "needs etcd: apt-get install etcd-server etcd-client");
        var stop = TestContext.Current.CancellationToken;
        await using var etcd = await TwinEtcd.StartAsync(1, TimeProvider.System, stop);
        await using var twin = new TwinCluster(new TwinOptions { Nodes = 1, EtcdEndpoints = etcd.Endpoints });
        twin.Start();
        twin.Apply(Shop);
        await using var client = new KubernetesClient(new Uri("https://twin"), twin.CreateHandler(), TimeProvider.System);
        twin.PauseApi(ApiOutage.Refuse);

        // Behind the API server's back one object goes and another comes, as a restore brings them.
        using var gateway = new HttpClient { BaseAddress = new Uri(etcd.Endpoints[0]) };
        await AskAsync("deleterange", """{"key":"KEY"}""", "/registry/configmaps/shop/settings");
        await AskAsync(
            "put", """{"key":"KEY","value":"VALUE"}""", "/registry/configmaps/shop/restored",
            """{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"restored","namespace":"shop","uid":"u-1"},"data":{"from":"etcd"}}""");
        twin.ResumeApi();

        Assert.Null(await client.FindAsync(Resources.ConfigMaps, "shop", "settings", stop));
        Assert.Equal("u-1", (await client.FindAsync(Resources.ConfigMaps, "shop", "restored", stop))!.Metadata.Uid);

        // Without etcd nothing is taken, and nothing is lost of what was.
        await etcd.DisposeAsync();
        using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(3), TimeProvider.System);
        await Assert.ThrowsAnyAsync<Exception>(() => client.DeleteAsync(Resources.ConfigMaps, "shop", "restored", null, soon.Token));

        async Task AskAsync(string method, string question, string key, string value = "")
        {
            static string Encoded(string text) => Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(text));
            using var content = new StringContent(question.Replace("KEY", Encoded(key), StringComparison.Ordinal).Replace("VALUE", Encoded(value), StringComparison.Ordinal));
            using var answer = await gateway.PostAsync(new Uri("/v3/kv/" + method, UriKind.Relative), content, stop);
            answer.EnsureSuccessStatusCode();
        }
    }
}
