using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using ChaosDrill.Actions.Etcd.Client;

namespace ChaosDrill.Actions.Etcd.Snapshots;

/// <summary>Reads a snapshot's database in two passes, neither of which keeps a value: what holds in the end, and then the hash over it.</summary>
internal sealed class SnapshotReader(BoltFile bolt)
{
    private const string Leases = "/registry/leases/";
    private const string SystemNamespace = "/registry/namespaces/kube-system";
    private const int RevisionLength = 17;
    private const int SamplesOfAPrefix = 3;

    private readonly Dictionary<UInt128, Live> _keys = [];
    private readonly Dictionary<string, int> _prefixes = [];
    private readonly List<SortedList<UInt128, byte[]>> _samples = [];
    private readonly ObjectCheck _objects = new();
    private readonly Dictionary<string, string> _drillKeys = [];
    private readonly byte[] _drill = Encoding.UTF8.GetBytes(SnapshotContent.DrillPrefix);
    private readonly byte[] _leases = Encoding.UTF8.GetBytes(Leases);
    private readonly byte[] _system = Encoding.UTF8.GetBytes(SystemNamespace);
    private long _revision = 1;
    private DateTimeOffset? _renewal;
    private string? _uid;

    /// <exception cref="FormatException">Its pages are damaged, or it is no snapshot of etcd.</exception>
    public SnapshotContent Read()
    {
        if (!bolt.Visit("key"u8, Take))
        {
            throw new FormatException("it is no snapshot of etcd: it has no keys");
        }

        var compacted = 0L;
        bolt.Visit("meta"u8, (name, value) =>
        {
            if (name.SequenceEqual("finishedCompactRev"u8) || name.SequenceEqual("scheduledCompactRev"u8))
            {
                compacted = Math.Max(compacted, Main(value));
            }
        });
        var hasAuth = false;
        bolt.Visit("auth"u8, (name, value) => hasAuth |= name.SequenceEqual("authEnabled"u8) && value.SequenceEqual("\u0001"u8));
        var digest = new ContentDigest();
        var counts = new long[_prefixes.Count];
        var forms = new Dictionary<ValueForm, long>();
        foreach (var live in _keys.Values)
        {
            digest.Add(live.Digest);
            counts[live.Prefix]++;
            CollectionsMarshal.GetValueRefOrAddDefault(forms, live.Form, out _)++;
        }

        forms.Remove(ValueForm.None);
        return new SnapshotContent
        {
            Revision = Math.Max(_revision, compacted),
            Hash = new KeyHash(Hash(compacted), compacted),
            Digest = digest,
            Counts = _prefixes.Where(p => counts[p.Value] > 0).ToDictionary(p => p.Key, p => counts[p.Value]),
            Samples = [.. from chosen in _samples from one in chosen where _keys.ContainsKey(one.Key) select (one.Value, _keys[one.Key].Digest)],
            Forms = forms,
            Misfits = [.. _objects.Misfits.Where(m => _keys.TryGetValue(m.Key, out var live) && live.Form == ValueForm.Misfit).Select(m => m.Value)],
            DrillKeys = _drillKeys,
            LastRenewal = _renewal,
            ClusterUid = _uid,
            HasAuth = hasAuth,
        };
    }

    // Eight bytes, an underscore, eight bytes: revision and place within it.
    private static long Main(ReadOnlySpan<byte> revision) =>
        revision.Length >= RevisionLength && revision[8] == (byte)'_' ? BinaryPrimitives.ReadInt64BigEndian(revision) : throw new FormatException("a revision is damaged");

    private static UInt128 Id(ReadOnlySpan<byte> key)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(key, hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }

    private void Take(ReadOnlySpan<byte> at, ReadOnlySpan<byte> value)
    {
        var revision = Main(at);
        _revision = Math.Max(_revision, revision);
        var key = KeyValue.Read(value);
        var id = Id(key.Key);
        var isDrill = key.Key.StartsWith(_drill);

        // A letter t after the revision is a tombstone.
        if (at.Length > RevisionLength)
        {
            _keys.Remove(id);
            _ = isDrill && _drillKeys.Remove(Encoding.UTF8.GetString(key.Key));
            return;
        }

        var prefix = KeyPrefix.Of(key.Key);
        var (form, stored) = _objects.Take(key, prefix, id);
        var number = Number(prefix);
        _keys[id] = new Live(ContentDigest.Of(key), revision, number, form);
        Sample(_samples[number], id, key.Key);
        if (isDrill)
        {
            _drillKeys[Encoding.UTF8.GetString(key.Key)] = Encoding.UTF8.GetString(key.Value);
        }
        else if (key.Key.StartsWith(_leases))
        {
            _renewal = stored?.RenewedAt is { } renewed && (_renewal is null || renewed > _renewal) ? renewed : _renewal;
        }
        else if (key.Key.SequenceEqual(_system))
        {
            _uid = stored?.Uid;
        }
    }

    private int Number(string prefix)
    {
        ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(_prefixes, prefix, out var known);
        if (!known)
        {
            number = _prefixes.Count - 1;
            _samples.Add([]);
        }

        return number;
    }

    /// <summary>Keeps the keys with the lowest ids: that is a choice by chance, whatever their order.</summary>
    private static void Sample(SortedList<UInt128, byte[]> chosen, UInt128 id, ReadOnlySpan<byte> key)
    {
        if ((chosen.Count < SamplesOfAPrefix || id < chosen.GetKeyAtIndex(SamplesOfAPrefix - 1)) && chosen.TryAdd(id, key.ToArray()) && chosen.Count > SamplesOfAPrefix)
        {
            chosen.RemoveAt(SamplesOfAPrefix);
        }
    }

    /// <summary>CRC-32C over the name of the bucket and every entry, but for those that a compaction up to <paramref name="compacted"/> removes.</summary>
    /// <remarks>Source: etcd, <c>server/storage/mvcc/hash.go</c>, and <c>mvcc/kvstore.go</c> of 3.4.</remarks>
    private uint Hash(long compacted)
    {
        var crc = Crc32C.Add(uint.MaxValue, "key"u8);
        bolt.Visit("key"u8, (at, value) =>
        {
            var revision = Main(at);
            var isTombstone = at.Length > RevisionLength;
            var stays = revision > compacted
                || (!isTombstone && _keys.TryGetValue(Id(KeyValue.Read(value).Key), out var live) && live.Revision == revision)

                // Where nothing is left, what was not removed yet counts, but for the tombstone that some versions leave there.
                || (_keys.Count == 0 && !(isTombstone && revision == compacted));
            crc = stays ? Crc32C.Add(Crc32C.Add(crc, at), value) : crc;
        });
        return ~crc;
    }

    /// <param name="Digest">Of key, value and revisions.</param>
    /// <param name="Revision">When it was written.</param>
    /// <param name="Prefix">Number of its prefix.</param>
    /// <param name="Form">How its object is written.</param>
    private readonly record struct Live(KeyDigest Digest, long Revision, int Prefix, ValueForm Form);
}
