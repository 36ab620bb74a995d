using System.Security.Cryptography;

namespace ChaosDrill.Actions.Etcd.Snapshots;

/// <summary>
/// Whether a snapshot is whole, found out without etcd's tools, which overlook a flipped byte or fall over a missing end:
/// a database in pages of 512 bytes at least, then 32 bytes of SHA-256 over it.
/// </summary>
/// <param name="Path">The file.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="Digest">SHA-256 of the database, in hexadecimal digits.</param>
/// <param name="Damage">What is wrong with it; null when it is whole.</param>
internal sealed record SnapshotFile(string Path, long Length, string Digest, string? Damage)
{
    private const int TrailerLength = 32;
    private const int Block = 512;

    /// <summary>Length of the database in it.</summary>
    public long DatabaseLength => Length - TrailerLength;

    /// <summary>Reads the whole file once.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static SnapshotFile Read(string path)
    {
        // Without opening it: a pipe, which has no length either, would be waited for without end.
        if ((File.ResolveLinkTarget(path, returnFinalTarget: true) ?? new FileInfo(path)) is FileInfo { Exists: true, Length: 0 })
        {
            return new SnapshotFile(path, 0, "", "the file is empty, or no file");
        }

        using var file = File.OpenHandle(path, options: FileOptions.SequentialScan);
        var length = RandomAccess.GetLength(file);
        if (length % Block == 0)
        {
            return new SnapshotFile(path, length, "", "the SHA-256 trailer is missing: it is a bare database or was cut off there, and nothing proves that it is whole");
        }

        if (length % Block != TrailerLength || length <= TrailerLength)
        {
            return new SnapshotFile(path, length, "", $"it is {length} bytes long, which no snapshot is: it was cut off, or is no snapshot");
        }

        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 20];
        var end = length - TrailerLength;
        for (long at = 0; at < end;)
        {
            var read = RandomAccess.Read(file, buffer.AsSpan(0, (int)Math.Min(buffer.Length, end - at)), at);
            if (read == 0)
            {
                return new SnapshotFile(path, length, "", "it became shorter while it was read");
            }

            sha.AppendData(buffer, 0, read);
            at += read;
        }

        var trailer = new byte[TrailerLength];
        var digest = sha.GetHashAndReset();
        var whole = RandomAccess.Read(file, trailer, end) == TrailerLength && trailer.AsSpan().SequenceEqual(digest);
        return new SnapshotFile(path, length, Convert.ToHexStringLower(digest), whole ? null : "its SHA-256 does not match its trailer: it was damaged or cut off");
    }
}
