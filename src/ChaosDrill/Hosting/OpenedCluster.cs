using ChaosDrill.Actions.Clusters;
using ChaosDrill.Actions.Etcd;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Twin;

namespace ChaosDrill.Hosting;

/// <summary>A cluster that a drill can act on, and what has to be closed after it.</summary>
internal sealed class OpenedCluster : IAsyncDisposable
{
    /// <summary>How long the twin's first pods may take to get ready.</summary>
    private static readonly TimeSpan SettleLimit = TimeSpan.FromMinutes(2);

    private readonly TwinCluster? _twin;

    private readonly TwinEtcd? _etcd;

    private readonly TwinBeside? _beside;

    /// <summary>What <c>kubectl</c> reaches the cluster with; null is its own choice.</summary>
    private string? _kubeconfig;

    private OpenedCluster(
        KubernetesClient client, string name, IPerson? person, Func<string, KubernetesClient> others, TwinCluster? twin = null, TwinEtcd? etcd = null, TwinBeside? beside = null)
    {
        (Client, _twin, _etcd, _beside) = (client, twin, etcd, beside);
        Cluster = new KubernetesCluster(
            client, name, twin is not null, client.Clock is VirtualClock ? new Nobody() : person ?? TerminalPerson.For(client.Clock), etcd,
            action => action is Rehearse step ? new RehearseActivity(step, _kubeconfig, client.Clock) : null, new OtherClusters(others));
    }

    /// <summary>Its API, for what is no part of a drill.</summary>
    public KubernetesClient Client { get; }

    /// <summary>The cluster as drills see it.</summary>
    public ICluster Cluster { get; }

    /// <summary>Opens a real cluster; nothing is sent yet.</summary>
    /// <param name="choice">Which.</param>
    /// <param name="clock">All times.</param>
    /// <param name="beforeChange">Called before each request that changes something; what it throws keeps the request from being sent.</param>
    /// <param name="person">Who answers holds; null is whoever sits at the terminal.</param>
    /// <exception cref="KubeconfigException">The file or the context cannot be used.</exception>
    public static OpenedCluster Real(ClusterChoice choice, TimeProvider clock, Action? beforeChange = null, IPerson? person = null) =>
        new(Connect(choice, clock, beforeChange), choice.Context!, person, context => Connect(choice with { Context = context }, clock, beforeChange)) { _kubeconfig = choice.Kubeconfig };

    private static KubernetesClient Connect(ClusterChoice choice, TimeProvider clock, Action? beforeChange) =>
        new(choice.Configuration(), clock) { BeforeChange = beforeChange };

    /// <summary>Starts a twin in this process, furnishes it as the scenario says, and waits until it has settled.</summary>
    /// <param name="scenario">Says how many nodes and which manifests.</param>
    /// <param name="seed">Seed of the twin's own choices.</param>
    /// <param name="clock">A virtual clock makes it run as fast as it can compute.</param>
    /// <param name="person">Who answers holds; null is whoever sits at the terminal. Virtual time waits for nobody.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="CommandException">A manifest cannot be read or used.</exception>
    public static async Task<OpenedCluster> TwinAsync(Scenario scenario, int seed, TimeProvider clock, IPerson? person, CancellationToken cancellationToken)
    {
        var spec = scenario.Spec.Twin ?? new TwinSpec();
        var manifests = Manifests(scenario);
        var etcd = spec.Etcd > 0 ? await StartEtcdAsync(scenario, spec.Etcd, clock, cancellationToken) : null;
        var options = new TwinOptions { Nodes = spec.Nodes, Velero = spec.Velero, Seed = seed, Clock = clock, EtcdEndpoints = etcd?.Endpoints ?? [] };
        var beside = spec.Beside is { } called ? new TwinBeside(called, options) : null;
        var twin = new TwinCluster(options with { VeleroBucket = beside?.Bucket });
        try
        {
            twin.Start();
            TwinManifests.Apply(twin, manifests);
            await TwinManifests.SettleAsync(twin, SettleLimit, clock, cancellationToken);
            return new OpenedCluster(
                new KubernetesClient(new Uri("https://twin.invalid"), twin.CreateHandler(), clock), "twin", person, context => TwinBeside.Connect(beside, context), twin, etcd, beside);
        }
        catch
        {
            await twin.DisposeAsync();
            await (beside?.DisposeAsync() ?? ValueTask.CompletedTask);
            await (etcd?.DisposeAsync() ?? ValueTask.CompletedTask);
            throw;
        }
    }

    /// <summary>The same twin without the real etcd of its scenario, which could not keep virtual time: for what only asks for names and rights.</summary>
    /// <inheritdoc cref="TwinAsync" />
    public static Task<OpenedCluster> TwinInMemoryAsync(Scenario scenario, int seed, TimeProvider clock, CancellationToken cancellationToken) => TwinAsync(
        scenario with { Spec = scenario.Spec with { Twin = (scenario.Spec.Twin ?? new TwinSpec()) with { Etcd = 0 } } }, seed, clock, null, cancellationToken);

    private static async Task<TwinEtcd> StartEtcdAsync(Scenario scenario, int members, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (clock is VirtualClock)
        {
            throw new CommandException(ExitCode.BadUsage, $"{scenario.Origin.File}: spec.twin.etcd starts a real etcd, which keeps its own time; leave out --virtual-time");
        }

        // A twin's write holds its thread until etcd answers, and while etcd elects a leader many do: the drill must not wait for them.
        ThreadPool.SetMinThreads(64, 64);
        try
        {
            return await TwinEtcd.StartAsync(members, clock, cancellationToken);
        }
        catch (ClusterException e)
        {
            throw new CommandException(ExitCode.Refused, $"{scenario.Origin.File}: spec.twin.etcd: {e.Message}", e);
        }
    }

    /// <summary>Reads the manifests that a scenario furnishes its twin with; their paths are relative to the scenario file.</summary>
    /// <exception cref="CommandException">One cannot be read.</exception>
    public static IReadOnlyList<TwinManifest> Manifests(Scenario scenario)
    {
        var folder = Path.GetDirectoryName(scenario.Origin.File) ?? "";
        return TwinManifests.Read((scenario.Spec.Twin ?? new TwinSpec()).Manifests.Select(m => (Path.Combine(folder, m), $"{scenario.Origin.File}: spec.twin.manifests")));
    }

    /// <summary>Lets <c>kubectl</c> reach the twin, for as long as it is open.</summary>
    public async Task ServeAsync(CancellationToken cancellationToken)
    {
        var server = await _twin!.ServeAsync(cancel: cancellationToken);
        _kubeconfig = Path.Combine(Directory.CreateTempSubdirectory("chaosdrill-").FullName, "kubeconfig");
        server.WriteKubeconfig(_kubeconfig);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_twin is not null && _kubeconfig is not null)
        {
            Directory.Delete(Path.GetDirectoryName(_kubeconfig)!, recursive: true);
        }

        await Cluster.DisposeAsync();
        if (_twin is not null)
        {
            await _twin.DisposeAsync();
        }

        if (_etcd is not null)
        {
            await _etcd.DisposeAsync();
        }

        if (_beside is not null)
        {
            await _beside.DisposeAsync();
        }
    }
}
