using System.Buffers.Binary;

namespace ChaosDrill.Actions.Etcd.Client;

/// <summary>Reads the wire format of protocol buffers field by field (https://protobuf.dev/programming-guides/encoding).</summary>
/// <remarks>Every malformed input ends in <see cref="FormatException"/>, never in a read beyond the message.</remarks>
internal ref struct ProtoReader(ReadOnlySpan<byte> message)
{
    private ReadOnlySpan<byte> _rest = message;

    /// <summary>Number of the field that was read last.</summary>
    public int Field { get; private set; }

    /// <summary>Value of a number field; 0 for others.</summary>
    public ulong Number { get; private set; }

    /// <summary>Content of a length-delimited field; empty for others.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>Reads the next field.</summary>
    /// <returns>False at the end of the message.</returns>
    public bool Next()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        var tag = Varint();
        (Field, Number) = ((int)(tag >> 3), 0);
        Bytes = default;
        switch (tag & 7)
        {
            case 0:
                Number = Varint();
                return true;
            case 1:
                Number = BinaryPrimitives.ReadUInt64LittleEndian(Take(8));
                return true;
            case 2:
                var length = Varint();
                Bytes = Take(length <= (ulong)_rest.Length ? (int)length : throw Malformed());
                return true;
            case 5:
                Number = BinaryPrimitives.ReadUInt32LittleEndian(Take(4));
                return true;
            default:
                throw Malformed();
        }
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Take(1)[0];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw Malformed();
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _rest.Length)
        {
            throw Malformed();
        }

        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    private static FormatException Malformed() => new("not a protocol buffer message");
}
