using ChaosDrill.Kubernetes;
using ChaosDrill.Store;
using ChaosDrill.Tests.Process;
using ChaosDrill.Twin;

namespace ChaosDrill.Tests.Worker;

/// <summary>A cluster that outlives workers, a folder of short scenarios, and worker processes that can be killed.</summary>
internal sealed class WorkerField : IAsyncDisposable
{
    public const string Name = "scale-to-zero";
    private readonly Chaosdrill _chaosdrill = new();
    private readonly TwinCluster _twin;
    private readonly TwinServer _server;
    private readonly string _kubeconfig;

    private WorkerField(TwinCluster twin, TwinServer server, string? store)
    {
        (_twin, _server) = (twin, server);
        _kubeconfig = Path.Combine(_chaosdrill.Folder, "kubeconfig");
        server.WriteKubeconfig(_kubeconfig);
        Scenarios = Directory.CreateDirectory(Path.Combine(_chaosdrill.Folder, "scenarios")).FullName;
        StorePath = store ?? Path.Combine(_chaosdrill.Folder, "drills.db");
    }

    public TwinCluster Twin => _twin;

    public string Scenarios { get; }

    public string StorePath { get; }

    public string Folder => _chaosdrill.Folder;

    /// <summary>The API server as a firing knows it.</summary>
    public string Cluster => Kubeconfig.Load(_kubeconfig).Select("twin").Server.ToString();

    /// <param name="store">A store on a server; null is a file in the field's own folder.</param>
    public static async Task<WorkerField> LayAsync(string? store = null)
    {
        var twin = new TwinCluster(new TwinOptions { Nodes = 2, Seed = 1 });
        twin.Start();
        twin.Apply(Manifest);
        await twin.WaitUntilSettledAsync(TimeSpan.FromMinutes(2));
        return new WorkerField(twin, await twin.ServeAsync(), store);
    }

    /// <summary>A scenario that scales a deployment to zero and back.</summary>
    public void Write(string waits = "1s", string schedule = "", string probes = "", string name = Name) => File.WriteAllText(Path.Combine(Scenarios, name + ".yaml"), $$"""
        apiVersion: chaosdrill.dev/v1
        kind: Scenario
        metadata: { name: {{name}} }
        spec:
          cluster: { namespace: field }{{(schedule.Length == 0 ? "" : "\n  schedule: { " + schedule + " }")}}{{(probes.Length == 0 ? "" : "\n  probes: [ " + probes + " ]")}}
          steadyState: [ { workload: deployment/web } ]
          steps:
            - name: Scale to zero
              scale: { workload: deployment/web, replicas: 0, maxDuration: 5m }
            - wait: { for: {{waits}} }
            - undo: { step: Scale to zero }
            - awaitRecovery: { of: [deployment/web], stableFor: 500ms, timeout: 2m }
          objectives:
            - recoveryTime: { of: deployment/web, atMost: 1m }
        """);

    public Chaosdrill.Running Start(params string[] more) => _chaosdrill.Start(Arguments(more));

    /// <summary>A worker that is ready, and its name in the store.</summary>
    public async Task<(string Name, Chaosdrill.Running Process)> StartNamedAsync(params string[] more)
    {
        var process = Start(more);
        var said = await process.UntilAsync("worker is ready");
        return (said.Split("worker=")[1].Split(' ')[0], process);
    }

    public Chaosdrill.Running StartLimited(string limits, params string[] more) => _chaosdrill.StartLimited(limits, Arguments(more));

    public Task<Ended> RunAsync(params string[] arguments) => _chaosdrill.RunAsync(arguments);

    /// <summary>Follows what the drills of a worker do, as a person would.</summary>
    public Chaosdrill.Running Watch(string url) => _chaosdrill.Start("drills", "--watch", "--worker", url);

    /// <summary>Puts a firing into the store as one that a worker has given back: the next worker takes it.</summary>
    public string Ask(string name = Name)
    {
        using var store = DrillStore.Open(StorePath);
        var now = TimeProvider.System.GetUtcNow();
        var firing = new Firing
        {
            Id = $"{name}@{Guid.NewGuid():N}", Scenario = name, AskedBy = "a test", ScheduledAt = now, DueAt = now, Cluster = Cluster, Namespace = "field", WholeCluster = false,
        };
        var claimed = store.Firings.Claim(firing, "test", now)!;
        Assert.Equal(FiringState.Claimed, claimed.State);
        store.Firings.Release(claimed, now);
        return firing.Id;
    }

    /// <summary>Waits until a firing is as it should be.</summary>
    public async Task<Firing> UntilAsync(string id, Func<Firing, bool> holds)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(4), TimeProvider.System);
        while (true)
        {
            using (var store = DrillStore.OpenReadOnly(StorePath))
            {
                if (store.Firings.Find(id) is { } firing && holds(firing))
                {
                    return firing;
                }

                Assert.False(limit.IsCancellationRequested, $"firing {id} stays {store.Firings.Find(id)}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }

    /// <summary>What must be true whenever no worker runs and none has died since the last one cleared up.</summary>
    public void AssertClean()
    {
        using var store = DrillStore.OpenReadOnly(StorePath);
        Assert.Empty(store.OutstandingUndos());
        Assert.Empty(store.Unfinished());
        var firings = store.Firings.Newest(10_000).Where(f => f.Drill is not null).Select(f => f.Drill!).Order().ToList();

        // Every drill is of one firing, and every firing that began has one drill.
        Assert.Equal(store.History(new HistoryFilter { Limit = 10_000 }).Select(d => d.Id).Order(), firings);
        using var http = new HttpClient(_twin.CreateHandler()) { BaseAddress = new Uri("https://twin.invalid") };
        Assert.Equal("2", Field(http, "/apis/apps/v1/namespaces/field/deployments/web", "replicas"));
        Assert.DoesNotContain("chaosdrill.dev/undo", Text(http, "/apis/apps/v1/namespaces/field/deployments/web").Replace("\"f:chaosdrill.dev/undo\"", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain("\"name\":\"chaosdrill\"", Text(http, "/apis/coordination.k8s.io/v1/namespaces/field/leases").Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _twin.DisposeAsync();
        _chaosdrill.Dispose();
    }

    private string[] Arguments(string[] more) =>
        ["worker", .. more.Contains("--scenarios") ? (string[])[] : ["--scenarios", Scenarios], "--context", "twin", "--kubeconfig", _kubeconfig, "--store", StorePath, .. more.Contains("--listen") ? (string[])[] : ["--listen", "127.0.0.1:0"], .. more];

    /// <summary>Something of the cluster, as JSON.</summary>
    public string Get(string path)
    {
        using var http = new HttpClient(_twin.CreateHandler()) { BaseAddress = new Uri("https://twin.invalid") };
        return Text(http, path);
    }

    /// <summary>Somebody else than a drill sets how many replicas there are to be.</summary>
    public void Scale(int replicas)
    {
        using var http = new HttpClient(_twin.CreateHandler()) { BaseAddress = new Uri("https://twin.invalid") };
        using var body = new StringContent($"{{\"spec\":{{\"replicas\":{replicas}}}}}", System.Text.Encoding.UTF8, "application/merge-patch+json");
        http.PatchAsync("/apis/apps/v1/namespaces/field/deployments/web", body).GetAwaiter().GetResult().EnsureSuccessStatusCode();
    }

    private static string Text(HttpClient http, string path) => http.GetStringAsync(path).GetAwaiter().GetResult();

    private static string Field(HttpClient http, string path, string name)
    {
        using var json = System.Text.Json.JsonDocument.Parse(Text(http, path));
        return json.RootElement.GetProperty("spec").GetProperty(name).GetRawText();
    }

    private const string Manifest = """
        apiVersion: v1
        kind: Namespace
        metadata: { name: field }
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: { name: web, namespace: field }
        spec:
          replicas: 2
          selector: { matchLabels: { app: web } }
          template:
            metadata:
              labels: { app: web }
              annotations: { twin.chaosdrill.dev/start-delay: 50ms, twin.chaosdrill.dev/ready-delay: 100ms, twin.chaosdrill.dev/termination-delay: 50ms }
            spec:
              containers: [ { name: web, image: registry.example/web:1 } ]
        """;
}
