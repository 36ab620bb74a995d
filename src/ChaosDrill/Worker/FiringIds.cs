using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using ChaosDrill.Store;

namespace ChaosDrill.Worker;

/// <summary>Names firings, so that two workers that mean the same one give it the same name.</summary>
internal static class FiringIds
{
    /// <summary><c>nightly@20261121T030000Z</c>; with the set before it where that is not the usual one.</summary>
    public static string Scheduled(string set, string scenario, DateTimeOffset at) =>
        $"{(set == Firing.UsualSet ? "" : set + "/")}{scenario}@{at.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}";

    /// <summary><c>nightly@20261121T030000Z-x7k2</c>: asked for by a person; two of one second differ.</summary>
    public static string Asked(string set, string scenario, DateTimeOffset at) =>
        $"{Scheduled(set, scenario, at)}-{RandomNumberGenerator.GetString("abcdefghjkmnpqrstuvwxyz23456789", 4)}";

    /// <summary>How long the start of a firing is put off: evenly spread, and the same whoever computes it.</summary>
    public static TimeSpan Jitter(string id, TimeSpan most)
    {
        var share = BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(id))) / (double)ulong.MaxValue;
        return TimeSpan.FromSeconds(Math.Floor(most.TotalSeconds * share));
    }
}
