using ChaosDrill.Kubernetes;
using ChaosDrill.Twin;
using Xunit;

namespace ChaosDrill.Acceptance.Virtual;

/// <summary>Pods that speak with each other, and policies that keep them from it, seen from inside a pod.</summary>
public sealed class NetworkPolicyTests
{
    private const string Cluster = """
        apiVersion: v1
        kind: Namespace
        metadata: { name: shop, labels: { team: shop } }
        ---
        apiVersion: v1
        kind: Namespace
        metadata: { name: other, labels: { team: other } }
        ---
        apiVersion: v1
        kind: Pod
        metadata: { name: front, namespace: shop, labels: { app: front } }
        spec: { containers: [ { name: app, image: "a:1", ports: [ { containerPort: 80 } ] } ] }
        ---
        apiVersion: v1
        kind: Pod
        metadata: { name: db, namespace: shop, labels: { app: db } }
        spec: { containers: [ { name: app, image: "a:1", ports: [ { name: sql, containerPort: 5432 } ] } ] }
        ---
        apiVersion: v1
        kind: Pod
        metadata: { name: guest, namespace: other, labels: { app: front } }
        spec: { containers: [ { name: app, image: "a:1" } ] }
        ---
        apiVersion: v1
        kind: Service
        metadata: { name: db, namespace: shop }
        spec: { selector: { app: db }, ports: [ { port: 5432, targetPort: sql } ] }
        ---
        apiVersion: v1
        kind: Service
        metadata: { name: empty, namespace: shop }
        spec: { selector: { app: nobody }, ports: [ { port: 80 } ] }
        """;

    private const string Front = "from: [ { podSelector: { matchLabels: { app: front } } } ]";

    [Theory]
    [InlineData("podSelector: {}", true, false, false)]
    [InlineData("podSelector: { matchLabels: { app: none } }", true, true, true)]
    [InlineData("podSelector: {}, policyTypes: [Egress]", true, false, true)]
    [InlineData("podSelector: {}, policyTypes: [Egress], egress: [ { to: [ { podSelector: { matchLabels: { app: db } } } ] } ]", true, true, true)]
    [InlineData("podSelector: {}, policyTypes: [Egress], egress: [ { to: [ { podSelector: { matchLabels: { app: db } } } ], ports: [ { port: 80 } ] } ]", true, false, true)]
    [InlineData("podSelector: { matchLabels: { app: db } }, ingress: [ {} ]", true, true, true)]
    [InlineData("podSelector: { matchLabels: { app: db } }, ingress: [ { " + Front + " } ]", true, true, false)]
    [InlineData("podSelector: { matchLabels: { app: db } }, ingress: [ { " + Front + ", ports: [ { port: sql } ] } ]", true, true, false)]
    [InlineData("podSelector: { matchLabels: { app: db } }, ingress: [ { " + Front + ", ports: [ { port: 5000, endPort: 5431 } ] } ]", true, false, false)]
    [InlineData("podSelector: { matchLabels: { app: db } }, ingress: [ { from: [ { namespaceSelector: {} } ] } ]", true, true, true)]
    [InlineData("podSelector: { matchLabels: { app: db } }, ingress: [ { from: [ { namespaceSelector: { matchLabels: { team: other } }, podSelector: { matchLabels: { app: front } } } ] } ]", true, false, true)]
    [InlineData("podSelector: { matchLabels: { app: db } }, ingress: [ { from: [ { namespaceSelector: {}, podSelector: { matchExpressions: [ { key: app, operator: NotIn, values: [front] } ] } } ] } ]", true, false, false)]
    [InlineData("podSelector: { matchLabels: { app: db } }, ingress: [ { from: [ { ipBlock: { cidr: 10.128.0.0/16 } } ] } ]", true, true, true)]
    [InlineData("podSelector: { matchLabels: { app: db } }, ingress: [ { from: [ { ipBlock: { cidr: 0.0.0.0/0, except: [10.128.0.0/16] } } ] } ]", true, false, false)]
    [InlineData("podSelector: {}", false, true, true)]
    public void Policy_OfANamespace_DecidesWhoReachesTheDatabase(string spec, bool enforced, bool front, bool guest) => Go(enforced, async (client, cluster) =>
    {
        Assert.True(await ReachesAsync(client, "shop", "front", "db"));
        Assert.True(await ReachesAsync(client, "other", "guest", "db.shop.svc.cluster.local"));
        cluster.Apply($"apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{ name: p, namespace: shop }}\nspec: {{ {spec} }}\n");
        Assert.Equal(front, await ReachesAsync(client, "shop", "front", "db"));
        Assert.Equal(guest, await ReachesAsync(client, "other", "guest", "db.shop"));

        // The control plane is no pod.
        Assert.Equal(200, (await client.ProxyServiceAsync("shop", "db", "5432", "/")).StatusCode);
    });

    [Theory]
    [InlineData(0, "", "wget", "-q", "-T", "1", "-O", "/dev/null", "http://db:5432/")]
    [InlineData(1, "wget: bad address 'nobody:80'\n", "wget", "-q", "-O-", "nobody")]
    [InlineData(1, "Connecting to empty (10.96.0.0:80)\nwget: can't connect to remote host (10.96.0.0): Connection refused\n", "wget", "--spider", "empty")]
    [InlineData(1, "wget: download timed out\n", "wget", "-qO-", "-T2", "db:81")]
    [InlineData(1, "wget: server returned error: HTTP/1.1 503 Service Unavailable\n", "wget", "-qO-", "db:5432", "503")]
    [InlineData(1, "wget: can't open 'index.html': Read-only file system\n", "wget", "-q", "db:5432")]
    [InlineData(0, "db (10.96.0.0:5432) open\n", "nc", "-zv", "-w", "2", "db", "5432")]
    [InlineData(1, "nc: db (10.96.0.0:81): Connection timed out\n", "nc", "-z", "-w", "2", "db", "81")]
    public void Command_ThatSpeaksWithOthers_SaysWhatBusyBoxWould(int code, string error, params string[] command) => Go(true, async (client, _) =>
    {
        if (command[^1] == "503")
        {
            await client.PatchAsync(Resources.Pods, "shop", "db", Patch.Merge(new System.Text.Json.Nodes.JsonObject
            {
                ["metadata"] = new System.Text.Json.Nodes.JsonObject { ["annotations"] = new System.Text.Json.Nodes.JsonObject { [TwinAnnotations.HttpStatus] = "503" } },
            }));
            command = command[..^1];
        }

        var result = await client.ExecAsync("shop", "front", new ExecOptions { Command = command });
        Assert.Equal(code, result.ExitCode);
        Assert.Equal(error, System.Text.RegularExpressions.Regex.Replace(result.Error, @"10\.96\.\d+\.\d+", "10.96.0.0"));
    });

    private static async Task<bool> ReachesAsync(KubernetesClient client, string ns, string pod, string host)
    {
        var result = await client.ExecAsync(ns, pod, new ExecOptions { Command = ["wget", "-q", "-T", "1", "-O", "-", $"http://{host}:5432/x"] });
        Assert.Contains(result.Succeeded ? "\"pod\":\"db\"" : "wget: download timed out", result.Succeeded ? result.Output : result.Error, StringComparison.Ordinal);
        return result.Succeeded;
    }

    private static void Go(bool enforced, Func<KubernetesClient, TwinCluster, Task> body) => VirtualClock.Run(async clock =>
    {
        await using var cluster = new TwinCluster(new TwinOptions { Clock = clock, Nodes = 1, NetworkPolicies = enforced });
        cluster.Start();
        cluster.Apply(Cluster);
        await using var client = new KubernetesClient(new Uri("https://twin.invalid"), cluster.CreateHandler(), clock);
        await Task.Delay(TimeSpan.FromSeconds(3), clock);
        await body(client, cluster);
        Assert.Equal(0, clock.ForeignPosts);
    });
}
