using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Twin;

namespace ChaosDrill.Hosting;

/// <summary>The second twin of a scenario: empty, with a Velero that reads the same bucket, as a standby cluster's does.</summary>
internal sealed class TwinBeside : IAsyncDisposable
{
    private readonly string _name;

    /// <summary>Starts it.</summary>
    /// <param name="name">The context that scenarios name it by.</param>
    /// <param name="like">What the first twin is made of.</param>
    public TwinBeside(string name, TwinOptions like)
    {
        _name = name;

        // Another seed: with the same one it would have the same uids, and be taken for the same cluster.
        Twin = new TwinCluster(like with { Seed = like.Seed + 1, EtcdEndpoints = [], VeleroBucket = Bucket });
        Twin.Start();
    }

    /// <summary>The second twin.</summary>
    public TwinCluster Twin { get; }

    /// <summary>The folder that both keep backups in.</summary>
    public string Bucket { get; } = Directory.CreateTempSubdirectory("chaosdrill-bucket-").FullName;

    /// <summary>Speaks with the second twin.</summary>
    /// <param name="beside">The second twin; null when the scenario has none.</param>
    /// <param name="context">What a step or a probe calls it.</param>
    /// <exception cref="ClusterException">None is called so.</exception>
    public static KubernetesClient Connect(TwinBeside? beside, string context) => beside is not null && beside._name == context
        ? new KubernetesClient(new Uri($"https://{beside._name}.twin.invalid"), beside.Twin.CreateHandler(), beside.Twin.Options.Clock)
        : throw new ClusterException(
            $"the scenario names another cluster by its context {context}, and beside the twin there is {(beside is null ? "none" : $"only {beside._name}")}: write twin: {{ velero: true, beside: {context} }}, or name the real cluster with --context");

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await Twin.DisposeAsync();
        Directory.Delete(Bucket, recursive: true);
    }
}
