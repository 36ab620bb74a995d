using ChaosDrill.Kubernetes;
using ChaosDrill.Twin;
using Xunit;

namespace ChaosDrill.Conformance;

/// <summary>
/// The cluster that the suites run on: the twin over HTTPS, or, with CHAOSDRILL_TEST_KUBECONFIG, the current context of that
/// kubeconfig. Every test class works in a namespace of its own, which is removed afterwards.
/// </summary>
public sealed class ClusterUnderTest : IAsyncLifetime
{
    private TwinCluster? _twin;
    private TwinServer? _server;
    private string? _folder;

    public KubernetesClient Client { get; private set; } = null!;

    public string Namespace { get; } = $"chaosdrill-{Guid.NewGuid():N}"[..20];

    /// <summary>Bounds every wait; a real cluster may have to pull an image first.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromMinutes(2);

    public async ValueTask InitializeAsync()
    {
        var kubeconfig = Environment.GetEnvironmentVariable("CHAOSDRILL_TEST_KUBECONFIG");
        if (string.IsNullOrEmpty(kubeconfig))
        {
            _twin = new TwinCluster(new TwinOptions { Nodes = 3, Seed = 1, ReadyDelay = TimeSpan.FromMilliseconds(300), NamespaceDeletionDelay = TimeSpan.FromMilliseconds(200) });
            _twin.Start();
            _server = await _twin.ServeAsync();
            _folder = Directory.CreateTempSubdirectory("chaosdrill-conformance").FullName;
            kubeconfig = Path.Combine(_folder, "config");
            _server.WriteKubeconfig(kubeconfig);
        }

        Client = new KubernetesClient(Kubeconfig.Load(kubeconfig).Select(null), TimeProvider.System);
        await Client.CreateAsync(Resources.Namespaces, null, new Namespace { Metadata = new ObjectMeta { Name = Namespace } });
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DeleteAsync(Resources.Namespaces, null, Namespace);
        await Client.DisposeAsync();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        if (_twin is not null)
        {
            await _twin.DisposeAsync();
        }

        if (_folder is not null)
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    /// <summary>A deployment of pods that do nothing, and its service.</summary>
    public async Task DeployAsync(string name, int replicas)
    {
        await Client.CreateAsync(Resources.Any("apps", "v1", "deployments", "Deployment", true), Namespace, Json($$$$$"""
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"{{{{{name}}}}}"},"spec":{"replicas":{{{{{replicas}}}}},
             "selector":{"matchLabels":{"app":"{{{{{name}}}}}"}},"template":{"metadata":{"labels":{"app":"{{{{{name}}}}}"}},
             "spec":{"terminationGracePeriodSeconds":1,"containers":[{"name":"pause","image":"registry.k8s.io/pause:3.10"}]}}}}
            """));
        await Client.CreateAsync(Resources.Any("", "v1", "services", "Service", true), Namespace, Json($$$$$"""
            {"apiVersion":"v1","kind":"Service","metadata":{"name":"{{{{{name}}}}}"},"spec":{"selector":{"app":"{{{{{name}}}}}"},"ports":[{"port":80}]}}
            """));
        await ReadyPodsAsync(name, replicas);
    }

    /// <summary>Waits, by watching, until so many pods are ready, and names them.</summary>
    public async Task<IReadOnlyList<Pod>> ReadyPodsAsync(string app, int count)
    {
        using var limit = new CancellationTokenSource(Patience, TimeProvider.System);
        var pods = new Dictionary<string, Pod>();
        await foreach (var e in Client.WatchAsync(Resources.Pods, Namespace, new WatchOptions { LabelSelector = $"app={app}" }, limit.Token))
        {
            if (e.Object is { } pod)
            {
                _ = e.Type == WatchEventType.Deleted || pod.IsTerminating ? pods.Remove(pod.Metadata.Uid!) : pods.TryAdd(pod.Metadata.Uid!, pod);
                if (pods.ContainsKey(pod.Metadata.Uid!))
                {
                    pods[pod.Metadata.Uid!] = pod;
                }
            }

            if (pods.Values.Count(p => p.IsReady) >= count)
            {
                return [.. pods.Values.Where(p => p.IsReady)];
            }
        }

        throw new InvalidOperationException("the watch ended");
    }

    public static System.Text.Json.JsonElement Json(string text)
    {
        using var document = System.Text.Json.JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }
}
