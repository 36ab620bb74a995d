using System.Numerics;
using System.Runtime.InteropServices;

namespace ChaosDrill.Actions.Etcd.Snapshots;

/// <summary>CRC with the polynomial of Castagnoli, bit by bit as Go's <c>hash/crc32</c> has it.</summary>
internal static class Crc32C
{
    /// <summary>Goes on from a state; the first is all ones, and the checksum is the last one's complement.</summary>
    public static uint Add(uint state, ReadOnlySpan<byte> bytes)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var word in words)
        {
            state = BitOperations.Crc32C(state, BitConverter.IsLittleEndian ? word : System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(word));
        }

        foreach (var one in bytes[(words.Length * sizeof(ulong))..])
        {
            state = BitOperations.Crc32C(state, one);
        }

        return state;
    }
}
