using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace ChaosDrill.Actions.Etcd.Snapshots;

/// <summary>Takes an entry out of a bucket; the memory is the page's own.</summary>
internal delegate void EntryVisitor(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value);

/// <summary>
/// Reads etcd's database file without etcd: pages of a B+ tree, buckets in its root
/// (https://github.com/etcd-io/bbolt, <c>internal/common/page.go</c> and <c>meta.go</c>).
/// </summary>
/// <remarks>
/// Keeps one leaf at a time, so that memory does not grow with the file: a visitor must not visit. Whatever is damaged ends in
/// <see cref="FormatException"/>.
/// </remarks>
internal sealed class BoltFile : IDisposable
{
    private const uint Magic = 0xED0CDAED;
    private const int PageHeader = 16;
    private const int Element = 16;
    private const int MetaSize = 64;
    private const int BucketHeader = 16;
    private const int Branch = 1;
    private const int Leaf = 2;
    private const int LargestPage = 1 << 28;

    /// <summary>How much is read at once where pages follow one another; where they lie scattered, it is one page.</summary>
    private const int ReadAhead = 1 << 17;

    private readonly SafeFileHandle _file;
    private readonly long _length;
    private readonly int _pageSize;
    private readonly ulong _root;

    // What was read last: so many bytes from a place in the file on, and where the page taken out of them ended.
    private byte[] _window = new byte[ReadAhead];
    private long _windowAt;
    private int _windowLength;
    private long _pageEnd = -1;

    private BoltFile(SafeFileHandle file, long length, int pageSize, ulong root) => (_file, _length, _pageSize, _root) = (file, length, pageSize, root);

    /// <summary>Opens a database.</summary>
    /// <param name="path">The file.</param>
    /// <param name="length">How many of its bytes are the database.</param>
    /// <exception cref="FormatException">It is none.</exception>
    public static BoltFile Open(string path, long length)
    {
        var file = File.OpenHandle(path);
        try
        {
            // Two pages describe the whole; the younger one that is sound counts. The second lies after the first, whatever the page size is.
            var metas = new[] { 0L, 4096, 8192, 16384, 32768, 65536 }.Select(at => ReadMeta(file, at, length)).OfType<Meta>().ToList();
            if (metas.Count == 0)
            {
                throw new FormatException("it is no etcd database: neither of its first pages describes one");
            }

            var meta = metas.MaxBy(m => m.Transaction)!;
            return new BoltFile(file, length, meta.PageSize, meta.Root);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Visits every entry of a bucket in the order of its keys.</summary>
    /// <returns>Whether there is such a bucket.</returns>
    public bool Visit(ReadOnlySpan<byte> bucket, EntryVisitor visit)
    {
        byte[]? found = null;
        var name = bucket.ToArray();
        Walk(_root, 0, new HashSet<ulong>(), (key, value) => found = key.SequenceEqual(name) ? value.ToArray() : found);
        if (found is null)
        {
            return false;
        }

        if (found.Length < BucketHeader)
        {
            throw new FormatException("a bucket is damaged");
        }

        var root = BinaryPrimitives.ReadUInt64LittleEndian(found);
        if (root != 0)
        {
            Walk(root, 0, new HashSet<ulong>(), visit);
        }
        else
        {
            // A small bucket lies within its entry.
            Elements(found.AsSpan(BucketHeader), visit);
        }

        return true;
    }

    public void Dispose() => _file.Dispose();

    private static Meta? ReadMeta(SafeFileHandle file, long at, long length)
    {
        Span<byte> page = stackalloc byte[PageHeader + MetaSize];
        if (at + page.Length > length || RandomAccess.Read(file, page, at) != page.Length)
        {
            return null;
        }

        var meta = page[PageHeader..];
        var pageSize = BinaryPrimitives.ReadUInt32LittleEndian(meta[8..]);
        return BinaryPrimitives.ReadUInt32LittleEndian(meta) == Magic
            && BinaryPrimitives.ReadUInt64LittleEndian(meta[56..]) == Fnv(meta[..56])
            && pageSize is >= 1024 and <= 65536
            ? new Meta((int)pageSize, BinaryPrimitives.ReadUInt64LittleEndian(meta[16..]), BinaryPrimitives.ReadUInt64LittleEndian(meta[48..]))
            : null;
    }

    /// <summary>FNV-1a with 64 bits, the check of a meta page.</summary>
    private static ulong Fnv(ReadOnlySpan<byte> bytes)
    {
        var hash = 14695981039346656037ul;
        foreach (var next in bytes)
        {
            hash = unchecked((hash ^ next) * 1099511628211ul);
        }

        return hash;
    }

    private static void Elements(ReadOnlySpan<byte> page, EntryVisitor visit)
    {
        var (flags, count) = Head(page);
        if (flags != Leaf)
        {
            throw new FormatException("a page is damaged");
        }

        for (var i = 0; i < count; i++)
        {
            var at = PageHeader + (i * Element);
            var element = Part(page, at, Element);
            var position = BinaryPrimitives.ReadUInt32LittleEndian(element[4..]);
            var keySize = BinaryPrimitives.ReadUInt32LittleEndian(element[8..]);
            var valueSize = BinaryPrimitives.ReadUInt32LittleEndian(element[12..]);
            visit(Part(page, at + position, keySize), Part(page, at + position + keySize, valueSize));
        }
    }

    private static (int Flags, int Count) Head(ReadOnlySpan<byte> page) =>
        (BinaryPrimitives.ReadUInt16LittleEndian(Part(page, 8, 2)), BinaryPrimitives.ReadUInt16LittleEndian(Part(page, 10, 2)));

    private static ReadOnlySpan<byte> Part(ReadOnlySpan<byte> page, long at, long size) =>
        at >= 0 && size >= 0 && at + size <= page.Length ? page.Slice((int)at, (int)size) : throw new FormatException("a page is damaged: it points beyond its end");

    private void Walk(ulong id, int depth, HashSet<ulong> seen, EntryVisitor visit)
    {
        if (depth > 64 || !seen.Add(id))
        {
            throw new FormatException("the tree of pages is damaged: it runs in a circle");
        }

        var page = Page(id);
        var (flags, count) = Head(page);
        if (flags != Branch)
        {
            Elements(page, visit);
            return;
        }

        var children = new ulong[count];
        for (var i = 0; i < count; i++)
        {
            children[i] = BinaryPrimitives.ReadUInt64LittleEndian(Part(page, PageHeader + (i * Element) + 8, 8));
        }

        foreach (var child in children)
        {
            Walk(child, depth + 1, seen, visit);
        }
    }

    /// <summary>A page, in memory that the next one overwrites.</summary>
    private ReadOnlySpan<byte> Page(ulong id)
    {
        var at = id <= (ulong)(_length / _pageSize) ? (long)id * _pageSize : _length;
        if (at + _pageSize > _length)
        {
            throw new FormatException($"page {id} lies beyond the end of the file");
        }

        var head = Bytes(id, at, _pageSize);
        var size = (1L + BinaryPrimitives.ReadUInt32LittleEndian(head[12..])) * _pageSize;
        if (BinaryPrimitives.ReadUInt64LittleEndian(head) != id || size > LargestPage || at + size > _length)
        {
            throw new FormatException($"page {id} is damaged");
        }

        var page = size > _pageSize ? Bytes(id, at, (int)size) : head;
        _pageEnd = at + size;
        return page;
    }

    private ReadOnlySpan<byte> Bytes(ulong id, long at, int size)
    {
        if (at < _windowAt || at + size > _windowAt + _windowLength)
        {
            var wanted = Math.Max(size, at == _pageEnd ? (int)Math.Min(ReadAhead, _length - at) : 0);
            if (wanted > _window.Length)
            {
                _window = GC.AllocateUninitializedArray<byte>(wanted);
            }

            (_windowAt, _windowLength) = (at, 0);
            while (_windowLength < wanted)
            {
                var more = RandomAccess.Read(_file, _window.AsSpan(_windowLength, wanted - _windowLength), at + _windowLength);
                _windowLength += more > 0 ? more : throw new FormatException($"page {id} cannot be read to its end");
            }
        }

        return _window.AsSpan((int)(at - _windowAt), size);
    }

    private sealed record Meta(int PageSize, ulong Root, ulong Transaction);
}
