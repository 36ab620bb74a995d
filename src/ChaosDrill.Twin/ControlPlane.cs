using ChaosDrill.Twin.Api;
using ChaosDrill.Twin.Api.Access;
using ChaosDrill.Twin.Controllers;
using ChaosDrill.Twin.Network;
using ChaosDrill.Twin.Storage;
using ChaosDrill.Twin.Velero;

namespace ChaosDrill.Twin;

/// <summary>What the parts of one twin share.</summary>
internal sealed class ControlPlane
{
    public ControlPlane(TwinOptions options)
    {
        Options = options;
        Loop = new TwinLoop(options.Clock);
        Store = new ObjectStore(options.HistoryLimit) { Backing = options.EtcdEndpoints.Count > 0 ? new EtcdBacking(options.EtcdEndpoints) : null };
        Seed = new SeededSource(options.Seed);
        Registry = new Registry(this);
        Events = new EventRecorder(this);
        Nodes = new NodePool(this);
        Network = new DataPlane(this);
        Access = new RoleAuthorizer(Store);
        Tokens = new ServiceAccountTokens(this);
        Storage = new ObjectStorage(this);
    }

    public TwinOptions Options { get; }

    public TwinLoop Loop { get; }

    public ObjectStore Store { get; }

    public ResourceCatalog Catalog { get; } = new();

    public SeededSource Seed { get; }

    public Registry Registry { get; }

    public EventRecorder Events { get; }

    public NodePool Nodes { get; }

    public DataPlane Network { get; }

    public RoleAuthorizer Access { get; }

    public ServiceAccountTokens Tokens { get; }

    /// <summary>Where Velero keeps its backups.</summary>
    public ObjectStorage Storage { get; }

    public ApiGate Gate { get; } = new();

    /// <summary>The certificate authority of the cluster as PEM; published to every namespace.</summary>
    public string AuthorityPem { get; set; } = "";

    public TimeSpan DeploymentStatusLag { get; set; }

    public DateTimeOffset Now => Options.Clock.GetUtcNow();

    /// <summary>Now, as metav1.Time writes it: whole seconds.</summary>
    public string NowText => Timestamps.Seconds(Now);
}
