using ChaosDrill.Actions.Etcd.Client;

namespace ChaosDrill.Actions.Etcd.Snapshots;

/// <summary>What a snapshot holds, read from the file alone: what a restore of it must bring back.</summary>
internal sealed record SnapshotContent
{
    /// <summary>Keys that belong to drills; their values are kept.</summary>
    public const string DrillPrefix = "/chaosdrill/";

    /// <summary>The last revision in it.</summary>
    public required long Revision { get; init; }

    /// <summary>The hash that an etcd with this content answers at <see cref="Revision"/>, and the revision up to which history is gone; 0 when none is.</summary>
    public required KeyHash Hash { get; init; }

    /// <summary>Digest over the keys that are not deleted.</summary>
    public required ContentDigest Digest { get; init; }

    /// <summary>How many keys each prefix has.</summary>
    public required IReadOnlyDictionary<string, long> Counts { get; init; }

    /// <summary>A few keys of each prefix, by chance.</summary>
    public required IReadOnlyList<(byte[] Key, KeyDigest Digest)> Samples { get; init; }

    /// <summary>How many Kubernetes objects are written in each form.</summary>
    public required IReadOnlyDictionary<ValueForm, long> Forms { get; init; }

    /// <summary>Some of the keys whose object is not what they say, and why.</summary>
    public required IReadOnlyList<string> Misfits { get; init; }

    /// <summary>Values of the drills' own keys.</summary>
    public required IReadOnlyDictionary<string, string> DrillKeys { get; init; }

    /// <summary>The latest renewal of any lease in it, by the clock of its holder: it is not older than the snapshot's content; null without leases.</summary>
    public required DateTimeOffset? LastRenewal { get; init; }

    /// <summary>Uid of namespace kube-system, which tells clusters apart; null when it holds none that can be read.</summary>
    public required string? ClusterUid { get; init; }

    /// <summary>Whether the store asks for user and password.</summary>
    public required bool HasAuth { get; init; }

    /// <summary>Reads a whole snapshot.</summary>
    /// <exception cref="FormatException">Its pages are damaged, or it is no snapshot of etcd.</exception>
    public static SnapshotContent Read(SnapshotFile file)
    {
        using var bolt = BoltFile.Open(file.Path, file.DatabaseLength);
        return new SnapshotReader(bolt).Read();
    }
}
