using ChaosDrill.Actions.Etcd.Client;
using ChaosDrill.Actions.Restores;

namespace ChaosDrill.Actions.Etcd;

/// <summary>What the steps of one drill know of its cluster's etcd.</summary>
/// <param name="twin">The twin's own etcd, which this process runs; null on every other cluster.</param>
/// <param name="cluster">Name of the cluster.</param>
internal sealed class EtcdSession(TwinEtcd? twin, string cluster)
{
    /// <summary>Name of the cluster.</summary>
    public string Cluster => cluster;

    /// <summary>The twin's own etcd; null on every other cluster.</summary>
    public TwinEtcd? Twin => twin;

    /// <summary>Where the cluster's etcd is, when that is known without asking the scenario.</summary>
    public EtcdAccess? Access { get; } = twin is null ? null : new EtcdAccess(twin.Endpoints);

    /// <summary>The snapshot that this drill took last.</summary>
    public TakenSnapshots Taken { get; } = new();

    /// <summary>What this drill lost; null as long as it lost nothing.</summary>
    public EtcdLoss? Loss { get; set; }
}
