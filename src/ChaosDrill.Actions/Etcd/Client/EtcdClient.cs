using System.Buffers;
using System.Globalization;
using System.Text;

namespace ChaosDrill.Actions.Etcd.Client;

/// <summary>Speaks with one etcd member: gRPC over HTTP/2, by hand, for the dozen messages that drills need.</summary>
/// <remarks>Works with 3.4 to 3.6, whose messages agree. Every member throws <see cref="EtcdException"/>.</remarks>
internal sealed class EtcdClient(EtcdAccess access, TimeProvider clock) : IDisposable
{
    /// <summary>The end of every range that has a beginning: up to the last key.</summary>
    public static readonly byte[] ToTheEnd = [0];

    private const int LargestPage = 50_000;

    /// <summary>What a page should be long.</summary>
    private const int PageBytes = 16 * 1024 * 1024;

    private readonly EtcdChannel _channel = new(access, clock);

    public string Endpoint => _channel.Endpoint;

    /// <summary>Limit of one question.</summary>
    public TimeSpan Limit { init => _channel.Limit = value; }

    public async Task<MemberStatus> StatusAsync(CancellationToken cancellationToken)
    {
        var reader = new ProtoReader(await _channel.AskAsync("Maintenance/Status", new ProtoWriter(), cancellationToken));
        var header = default(ReadOnlySpan<byte>);
        var version = "";
        ulong leader = 0, index = 0, applied = 0, size = 0, learner = 0;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    header = reader.Bytes;
                    break;
                case 2:
                    version = Encoding.UTF8.GetString(reader.Bytes);
                    break;
                case 3:
                    size = reader.Number;
                    break;
                case 4:
                    leader = reader.Number;
                    break;
                case 5:
                    index = reader.Number;
                    break;
                case 7:
                    applied = reader.Number;
                    break;
                case 10:
                    learner = reader.Number;
                    break;
            }
        }

        var (cluster, member, revision) = Header(header);
        return new MemberStatus(cluster, member, revision, version, leader, (long)size, index, applied, learner != 0);
    }

    public async Task<IReadOnlyList<Member>> MembersAsync(CancellationToken cancellationToken)
    {
        var reader = new ProtoReader(await _channel.AskAsync("Cluster/MemberList", new ProtoWriter(), cancellationToken));
        var members = new List<Member>();
        while (reader.Next())
        {
            if (reader.Field == 2)
            {
                members.Add(ReadMember(reader.Bytes));
            }
        }

        return members;
    }

    /// <summary>The alarms that are raised, such as <c>NOSPACE</c>.</summary>
    public async Task<IReadOnlyList<string>> AlarmsAsync(CancellationToken cancellationToken)
    {
        var reader = new ProtoReader(await _channel.AskAsync("Maintenance/Alarm", new ProtoWriter(), cancellationToken));
        var alarms = new List<string>();
        while (reader.Next())
        {
            if (reader.Field == 2)
            {
                var alarm = new ProtoReader(reader.Bytes);
                while (alarm.Next())
                {
                    if (alarm.Field == 2 && alarm.Number != 0)
                    {
                        alarms.Add(alarm.Number switch { 1 => "NOSPACE", 2 => "CORRUPT", _ => alarm.Number.ToString(CultureInfo.InvariantCulture) });
                    }
                }
            }
        }

        return alarms;
    }

    /// <summary>The hash of all keys at a revision; 0 is now.</summary>
    public async Task<KeyHash> HashKeysAsync(long revision, CancellationToken cancellationToken)
    {
        var reader = new ProtoReader(await _channel.AskAsync("Maintenance/HashKV", new ProtoWriter().Number(1, revision), cancellationToken));
        ulong hash = 0, compacted = 0;
        while (reader.Next())
        {
            hash = reader.Field == 2 ? reader.Number : hash;
            compacted = reader.Field == 3 ? reader.Number : compacted;
        }

        return new KeyHash((uint)hash, (long)compacted);
    }

    /// <summary>Writes a key; acknowledged when this returns.</summary>
    /// <returns>Revision of the write.</returns>
    public async Task<long> PutAsync(string key, ReadOnlyMemory<byte> value, CancellationToken cancellationToken) =>
        HeaderOf(await _channel.AskAsync("KV/Put", new ProtoWriter().Text(1, key).Bytes(2, value.Span), cancellationToken)).Revision;

    /// <summary>Deletes a key.</summary>
    public Task DeleteAsync(string key, CancellationToken cancellationToken) => _channel.AskAsync("KV/DeleteRange", new ProtoWriter().Text(1, key), cancellationToken);

    /// <summary>Deletes every key of a prefix.</summary>
    public Task DeletePrefixAsync(string prefix, CancellationToken cancellationToken) =>
        _channel.AskAsync("KV/DeleteRange", new ProtoWriter().Text(1, prefix).Bytes(2, EndOf(prefix)), cancellationToken);

    /// <summary>The first key behind every key of a prefix.</summary>
    public static byte[] EndOf(string prefix)
    {
        var end = Encoding.UTF8.GetBytes(prefix);
        end[^1]++;
        return end;
    }

    /// <summary>A key's value; null when there is none.</summary>
    public async Task<byte[]?> FindAsync(string key, CancellationToken cancellationToken)
    {
        byte[]? value = null;
        await RangeAsync(Encoding.UTF8.GetBytes(key), [], 1, 0, (in KeyValue found) => value = found.Value.ToArray(), cancellationToken);
        return value;
    }

    /// <summary>Visits every key of the store at a revision, in pages; linearizable.</summary>
    /// <param name="revision">The revision; 0 is that of the first page.</param>
    /// <param name="firstPage">Keys in the first page; the size of the next ones follows from what they weigh.</param>
    /// <param name="visit">Called for each key.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <returns>Revision of the store and how many keys it had.</returns>
    public async Task<(long Revision, long Count)> VisitAsync(long revision, int firstPage, KeyVisitor visit, CancellationToken cancellationToken)
    {
        var asking = AskRangeAsync([0], ToTheEnd, firstPage, revision, pooled: true, cancellationToken);
        long count = -1;
        while (true)
        {
            var answer = await asking;
            var keys = 0;
            var page = ReadPage(answer, (in KeyValue _) => keys++);
            revision = revision == 0 ? page.Revision : revision;
            count = count < 0 ? page.Count : count;
            if (page.More)
            {
                // From the next possible key on; it is under way while this page is looked at. etcd counts all keys that are left for
                // each page, so that small pages of a large store would cost the square of its size.
                var next = (int)Math.Clamp((long)PageBytes * keys / Math.Max(answer.Count, 1), 1, LargestPage);
                asking = AskRangeAsync([.. page.LastKey, 0], ToTheEnd, next, revision, pooled: true, cancellationToken);
            }

            ReadPage(answer, visit);
            ArrayPool<byte>.Shared.Return(answer.Array!);
            if (!page.More)
            {
                return (page.Revision, count);
            }
        }
    }

    /// <summary>Asks for one page of a range.</summary>
    public async Task<RangePage> RangeAsync(
        byte[] from, byte[] to, int limit, long revision, KeyVisitor visit, CancellationToken cancellationToken)
    {
        return ReadPage(await AskRangeAsync(from, to, limit, revision, pooled: false, cancellationToken), visit);
    }

    private Task<ArraySegment<byte>> AskRangeAsync(byte[] from, byte[] to, int limit, long revision, bool pooled, CancellationToken cancellationToken) =>
        _channel.AskAsync("KV/Range", new ProtoWriter().Bytes(1, from).Bytes(2, to).Number(3, limit).Number(4, revision), pooled, cancellationToken);

    /// <summary>How many keys a range has at a revision; 0 is now.</summary>
    /// <param name="from">Its first key.</param>
    /// <param name="to">The first key behind it; empty for one key.</param>
    /// <param name="revision">The revision.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<long> CountAsync(byte[] from, byte[] to, long revision, CancellationToken cancellationToken)
    {
        var question = new ProtoWriter().Bytes(1, from).Bytes(2, to).Number(4, revision).Number(9, 1);
        return ReadPage(await _channel.AskAsync("KV/Range", question, cancellationToken), (in KeyValue _) => { }).Count;
    }

    public void Dispose() => _channel.Dispose();

    private static RangePage ReadPage(ReadOnlySpan<byte> answer, KeyVisitor visit)
    {
        var reader = new ProtoReader(answer);
        long revision = 0, count = 0;
        var more = false;
        ReadOnlySpan<byte> last = default;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    revision = Header(reader.Bytes).Revision;
                    break;
                case 2:
                    var key = KeyValue.Read(reader.Bytes);
                    visit(key);
                    last = key.Key;
                    break;
                case 3:
                    more = reader.Number != 0;
                    break;
                case 4:
                    count = (long)reader.Number;
                    break;
            }
        }

        return new RangePage(revision, count, more, last.ToArray());
    }

    private static Member ReadMember(ReadOnlySpan<byte> message)
    {
        var reader = new ProtoReader(message);
        ulong id = 0;
        var name = "";
        List<string> peers = [], clients = [];
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    id = reader.Number;
                    break;
                case 2:
                    name = Encoding.UTF8.GetString(reader.Bytes);
                    break;
                case 3:
                    peers.Add(Encoding.UTF8.GetString(reader.Bytes));
                    break;
                case 4:
                    clients.Add(Encoding.UTF8.GetString(reader.Bytes));
                    break;
            }
        }

        return new Member(id, name, peers, clients);
    }

    private static (ulong Cluster, ulong Member, long Revision) HeaderOf(byte[] answer)
    {
        var reader = new ProtoReader(answer);
        while (reader.Next())
        {
            if (reader.Field == 1)
            {
                return Header(reader.Bytes);
            }
        }

        return default;
    }

    private static (ulong Cluster, ulong Member, long Revision) Header(ReadOnlySpan<byte> message)
    {
        var reader = new ProtoReader(message);
        ulong cluster = 0, member = 0, revision = 0;
        while (reader.Next())
        {
            cluster = reader.Field == 1 ? reader.Number : cluster;
            member = reader.Field == 2 ? reader.Number : member;
            revision = reader.Field == 3 ? reader.Number : revision;
        }

        return (cluster, member, (long)revision);
    }
}
