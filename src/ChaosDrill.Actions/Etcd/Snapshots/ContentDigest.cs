using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using ChaosDrill.Actions.Etcd.Client;

namespace ChaosDrill.Actions.Etcd.Snapshots;

/// <summary>
/// A digest over the keys of a store with value, create revision, mod revision and version, whatever their order: the sum
/// of the SHA-256 of each, modulo 2^256. Unlike etcd's own hashes it does not change with compaction or restore.
/// </summary>
internal sealed class ContentDigest
{
    private readonly ulong[] _sum = new ulong[4];

    /// <summary>How many keys are in it.</summary>
    public long Keys { get; private set; }

    /// <summary>Adds a key.</summary>
    public void Add(in KeyValue key) => Add(Of(key));

    /// <summary>Adds a key by its own digest.</summary>
    public void Add(in KeyDigest key)
    {
        Keys++;
        UInt128 carry = 0;
        for (var i = 0; i < 4; i++)
        {
            var sum = (UInt128)_sum[i] + key[i] + carry;
            (_sum[i], carry) = ((ulong)sum, sum >> 64);
        }
    }

    /// <summary>The digest of one key.</summary>
    public static KeyDigest Of(in KeyValue key)
    {
        var length = 32 + key.Key.Length + key.Value.Length;
        var buffer = ArrayPool<byte>.Shared.Rent(length);
        var text = buffer.AsSpan(0, length);
        BinaryPrimitives.WriteInt64LittleEndian(text, key.Key.Length);
        BinaryPrimitives.WriteInt64LittleEndian(text[8..], key.CreateRevision);
        BinaryPrimitives.WriteInt64LittleEndian(text[16..], key.ModRevision);
        BinaryPrimitives.WriteInt64LittleEndian(text[24..], key.Version);
        key.Key.CopyTo(text[32..]);
        key.Value.CopyTo(text[(32 + key.Key.Length)..]);
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(text, hash);
        ArrayPool<byte>.Shared.Return(buffer);
        return new KeyDigest(hash);
    }

    /// <summary>64 hexadecimal digits.</summary>
    public override string ToString() => string.Concat(_sum.Reverse().Select(part => part.ToString("x16", System.Globalization.CultureInfo.InvariantCulture)));
}

/// <summary>SHA-256 of one key with its value and revisions.</summary>
internal readonly record struct KeyDigest
{
    private readonly ulong _a;
    private readonly ulong _b;
    private readonly ulong _c;
    private readonly ulong _d;

    public KeyDigest(ReadOnlySpan<byte> hash)
    {
        _a = BinaryPrimitives.ReadUInt64LittleEndian(hash);
        _b = BinaryPrimitives.ReadUInt64LittleEndian(hash[8..]);
        _c = BinaryPrimitives.ReadUInt64LittleEndian(hash[16..]);
        _d = BinaryPrimitives.ReadUInt64LittleEndian(hash[24..]);
    }

    public ulong this[int part] => part switch { 0 => _a, 1 => _b, 2 => _c, _ => _d };
}
