using System.Text;

namespace ChaosDrill.Actions.Etcd.Client;

/// <summary>Writes the wire format of protocol buffers; fields at their default are left out, as proto3 does.</summary>
internal sealed class ProtoWriter
{
    private readonly List<byte> _bytes = [];

    public ReadOnlySpan<byte> Written => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_bytes);

    public ProtoWriter Number(int field, long value)
    {
        if (value != 0)
        {
            Varint((ulong)field << 3);
            Varint((ulong)value);
        }

        return this;
    }

    public ProtoWriter Bytes(int field, ReadOnlySpan<byte> value)
    {
        if (!value.IsEmpty)
        {
            Varint(((ulong)field << 3) | 2);
            Varint((ulong)value.Length);
            _bytes.AddRange(value);
        }

        return this;
    }

    public ProtoWriter Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    private void Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            _bytes.Add((byte)(value | 0x80));
        }

        _bytes.Add((byte)value);
    }
}
