namespace ChaosDrill.Twin;

/// <summary>What a twin is made of.</summary>
public sealed record TwinOptions
{
    /// <summary>How many nodes it starts with, each with its own kubelet; 0 or more.</summary>
    public int Nodes { get; init; } = 3;

    /// <summary>Where every random choice comes from: names, uids, the endpoint that answers. The same seed gives the same run.</summary>
    public int Seed { get; init; }

    /// <summary>Times everything. A <see cref="VirtualClock"/> makes the cluster run as fast as it can compute.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>How long each controller, the scheduler and each kubelet take to notice a change. Real clusters need some milliseconds.</summary>
    public TimeSpan ControlPlaneDelay { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>Scheduled until containers run, where the pod does not say <c>twin.chaosdrill.dev/start-delay</c>.</summary>
    public TimeSpan StartDelay { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>Containers run until the pod is Ready, where the pod does not say <c>twin.chaosdrill.dev/ready-delay</c>.</summary>
    public TimeSpan ReadyDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>SIGTERM until the containers have ended, where the pod does not say <c>twin.chaosdrill.dev/termination-delay</c>.</summary>
    public TimeSpan TerminationDelay { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>How long the namespace controller waits before it begins to delete; 5 s on a real cluster.</summary>
    public TimeSpan NamespaceDeletionDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a kubelet may be silent before its node is called unreachable; looked at every 5 s.</summary>
    public TimeSpan NodeMonitorGracePeriod { get; init; } = TimeSpan.FromSeconds(50);

    /// <summary>Whether the pods' network enforces network policies; some networks only keep them.</summary>
    public bool NetworkPolicies { get; init; } = true;

    /// <summary>Changes of each kind that a watch can still be resumed from; older ones answer 410.</summary>
    public int HistoryLimit { get; init; } = 4096;

    /// <summary>Changes that <see cref="TwinCluster.History"/> keeps; 0 keeps none.</summary>
    public int TruthLimit { get; init; } = 100_000;

    /// <summary>Members of a real etcd that every object is written to; none keeps them in memory alone.</summary>
    public IReadOnlyList<string> EtcdEndpoints { get; init; } = [];

    /// <summary>Whether Velero is installed: a server in the namespace <c>velero</c> with a backup storage location <c>default</c>.</summary>
    public bool Velero { get; init; }

    /// <summary>Which Velero: <c>v1.18.2</c>, or <c>v1.3.2</c>, which knows fewer phases, fields and downloads.</summary>
    public string VeleroVersion { get; init; } = "v1.18.2";

    /// <summary>The folder that Velero keeps backups in, so that they outlast the twin and other twins can share them; null keeps them in memory.</summary>
    public string? VeleroBucket { get; init; }
}
