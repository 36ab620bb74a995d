using System.Text.Json.Nodes;

namespace ChaosDrill.Twin.Tests;

/// <summary>One twin under a virtual clock, with what tests ask of it again and again.</summary>
internal sealed class TwinRun : IAsyncDisposable
{
    private TwinRun(VirtualClock clock, TwinOptions options)
    {
        Clock = clock;
        Cluster = new TwinCluster(options with { Clock = clock });
        Cluster.Start();
        Client = new TwinClient(Cluster);
    }

    public VirtualClock Clock { get; }

    public TwinCluster Cluster { get; }

    public TwinClient Client { get; }

    /// <summary>Runs a test body on a fresh twin and checks that nothing left the clock's thread.</summary>
    public static void Go(Func<TwinRun, Task> body, TwinOptions? options = null) => VirtualClock.Run(async clock =>
    {
        await using var run = new TwinRun(clock, options ?? new TwinOptions());
        await body(run);
        Assert.Equal(0, clock.ForeignPosts);
    });

    public static string Deployment(string name, int replicas = 3, string annotations = "", string spec = "", string image = "registry.example/app:1") => $$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata: { name: {{name}}, namespace: default }
        spec:
          replicas: {{replicas}}
          {{spec}}
          selector: { matchLabels: { app: {{name}} } }
          template:
            metadata:
              labels: { app: {{name}} }
              {{(annotations.Length == 0 ? "" : "annotations: { " + annotations + " }")}}
            spec:
              terminationGracePeriodSeconds: 5
              containers: [{ name: app, image: "{{image}}", ports: [{ containerPort: 8080 }] }]
        ---
        apiVersion: v1
        kind: Service
        metadata: { name: {{name}}, namespace: default }
        spec: { selector: { app: {{name}} }, ports: [{ port: 80, targetPort: 8080 }] }
        """;

    public async Task SettleAsync(string? manifest = null)
    {
        if (manifest is not null)
        {
            Cluster.Apply(manifest);
        }

        await Cluster.WaitUntilSettledAsync(TimeSpan.FromMinutes(2));
    }

    public Task Delay(double seconds) => Task.Delay(TimeSpan.FromSeconds(seconds), Clock);

    public async Task<List<JsonObject>> ItemsAsync(string path) => [.. ((JsonArray)(await Client.GetAsync(path))["items"]!).Select(i => (JsonObject)i!)];

    public async Task<List<string>> PodNamesAsync(string app) =>
        [.. (await ItemsAsync($"/api/v1/namespaces/default/pods?labelSelector=app%3D{app}")).Select(p => (string)p["metadata"]!["name"]!)];

    public async Task<JsonObject> DeleteAsync(string path, string? options = null)
    {
        var (status, body) = await Client.SendAsync("DELETE", path, options);
        Assert.True(status == 200, $"DELETE {path}: {status} {body}");
        return (JsonObject)body!;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Cluster.DisposeAsync();
    }
}
