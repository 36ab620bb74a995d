using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using ChaosDrill.Actions.Etcd.Client;

namespace ChaosDrill.Actions.Etcd.Snapshots;

/// <summary>What a snapshot holds, read from the file alone: what a restore of it must bring back.</summary>
internal sealed record SnapshotContent
{
    /// <summary>Keys that belong to drills; their values are kept.</summary>
    public const string DrillPrefix = "/chaosdrill/";

    private const string Leases = "/registry/leases/";
    private const string SystemNamespace = "/registry/namespaces/kube-system";
    private const int RevisionLength = 17;

    /// <summary>The last revision in it.</summary>
    public required long Revision { get; init; }

    /// <summary>Revision up to which history is gone; 0 when none is.</summary>
    public required long CompactRevision { get; init; }

    /// <summary>Digest over the keys that are not deleted.</summary>
    public required ContentDigest Digest { get; init; }

    /// <summary>How many keys each prefix has.</summary>
    public required IReadOnlyDictionary<string, long> Counts { get; init; }

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
        var keys = new Dictionary<UInt128, Live>();
        var prefixes = new Dictionary<string, int>();
        var drillKeys = new Dictionary<string, string>();
        long revision = 1, compacted = 0;
        DateTimeOffset? renewal = null;
        string? uid = null;
        var hasAuth = false;
        var drill = Encoding.UTF8.GetBytes(DrillPrefix);
        var leases = Encoding.UTF8.GetBytes(Leases);
        var system = Encoding.UTF8.GetBytes(SystemNamespace);
        if (!bolt.Visit("key"u8, Take))
        {
            throw new FormatException("it is no snapshot of etcd: it has no keys");
        }

        bolt.Visit("meta"u8, (name, value) =>
        {
            if (name.SequenceEqual("finishedCompactRev"u8) || name.SequenceEqual("scheduledCompactRev"u8))
            {
                compacted = Math.Max(compacted, Main(value));
            }
        });
        bolt.Visit("auth"u8, (name, value) => hasAuth |= name.SequenceEqual("authEnabled"u8) && value.SequenceEqual("\u0001"u8));
        var digest = new ContentDigest();
        var counts = new long[prefixes.Count];
        foreach (var live in keys.Values)
        {
            digest.Add(live.Digest);
            counts[live.Prefix]++;
        }

        return new SnapshotContent
        {
            Revision = Math.Max(revision, compacted),
            CompactRevision = compacted,
            Digest = digest,
            Counts = prefixes.Where(p => counts[p.Value] > 0).ToDictionary(p => p.Key, p => counts[p.Value]),
            DrillKeys = drillKeys,
            LastRenewal = renewal,
            ClusterUid = uid,
            HasAuth = hasAuth,
        };

        void Take(ReadOnlySpan<byte> at, ReadOnlySpan<byte> value)
        {
            revision = Math.Max(revision, Main(at));
            var key = KeyValue.Read(value);
            Span<byte> hash = stackalloc byte[32];
            SHA256.HashData(key.Key, hash);
            var id = BinaryPrimitives.ReadUInt128LittleEndian(hash);
            var isDrill = key.Key.StartsWith(drill);

            // A letter t after the revision is a tombstone.
            if (at.Length > RevisionLength)
            {
                keys.Remove(id);
                _ = isDrill && drillKeys.Remove(Encoding.UTF8.GetString(key.Key));
                return;
            }

            ref var live = ref CollectionsMarshal.GetValueRefOrAddDefault(keys, id, out var known);
            live = new Live(ContentDigest.Of(key), known ? live.Prefix : Prefix(KeyPrefix.Of(key.Key)));
            if (isDrill)
            {
                drillKeys[Encoding.UTF8.GetString(key.Key)] = Encoding.UTF8.GetString(key.Value);
            }
            else if (key.Key.StartsWith(leases))
            {
                var renewed = KubernetesValue.Read(key.Value)?.RenewedAt;
                renewal = renewed > renewal || renewal is null ? renewed ?? renewal : renewal;
            }
            else if (key.Key.SequenceEqual(system))
            {
                uid = KubernetesValue.Read(key.Value)?.Uid;
            }
        }

        int Prefix(string prefix)
        {
            ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(prefixes, prefix, out var known);
            return known ? number : number = prefixes.Count - 1;
        }
    }

    // Eight bytes, an underscore, eight bytes: revision and place within it.
    private static long Main(ReadOnlySpan<byte> revision) =>
        revision.Length >= RevisionLength && revision[8] == (byte)'_' ? BinaryPrimitives.ReadInt64BigEndian(revision) : throw new FormatException("a revision is damaged");

    private readonly record struct Live(KeyDigest Digest, int Prefix);
}
