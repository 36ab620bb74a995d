using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Authentication;
using System.Text;

namespace ChaosDrill.Actions.Etcd.Client;

/// <summary>Speaks with one etcd member: gRPC over HTTP/2, by hand, for the dozen messages that drills need.</summary>
/// <remarks>Works with 3.4 to 3.6, whose messages agree. Every member throws <see cref="EtcdException"/>.</remarks>
internal sealed class EtcdClient : IDisposable
{
    /// <summary>The end of every range that has a beginning: up to the last key.</summary>
    public static readonly byte[] ToTheEnd = [0];

    /// <summary>etcd answers nothing longer in one message unless told to.</summary>
    private const int LongestMessage = 512 * 1024 * 1024;

    private readonly HttpClient _http;
    private readonly TimeProvider _clock;

    public EtcdClient(EtcdAccess access, TimeProvider clock)
    {
        Endpoint = access.Endpoints[0];
        _clock = clock;
        _http = new HttpClient(access.Handler()) { BaseAddress = new Uri(Endpoint), Timeout = Timeout.InfiniteTimeSpan };
    }

    public string Endpoint { get; }

    /// <summary>Limit of one question.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromSeconds(5);

    public async Task<MemberStatus> StatusAsync(CancellationToken cancellationToken)
    {
        var reader = new ProtoReader(await AskAsync("Maintenance/Status", new ProtoWriter(), cancellationToken));
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
        var reader = new ProtoReader(await AskAsync("Cluster/MemberList", new ProtoWriter(), cancellationToken));
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
        var reader = new ProtoReader(await AskAsync("Maintenance/Alarm", new ProtoWriter(), cancellationToken));
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
        var reader = new ProtoReader(await AskAsync("Maintenance/HashKV", new ProtoWriter().Number(1, revision), cancellationToken));
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
        HeaderOf(await AskAsync("KV/Put", new ProtoWriter().Text(1, key).Bytes(2, value.Span), cancellationToken)).Revision;

    /// <summary>Deletes a key.</summary>
    public Task DeleteAsync(string key, CancellationToken cancellationToken) => AskAsync("KV/DeleteRange", new ProtoWriter().Text(1, key), cancellationToken);

    /// <summary>Deletes every key of a prefix.</summary>
    public Task DeletePrefixAsync(string prefix, CancellationToken cancellationToken) =>
        AskAsync("KV/DeleteRange", new ProtoWriter().Text(1, prefix).Bytes(2, EndOf(prefix)), cancellationToken);

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
    /// <param name="pageSize">Keys in a page.</param>
    /// <param name="visit">Called for each key.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <returns>Revision of the store and how many keys it had.</returns>
    public async Task<(long Revision, long Count)> VisitAsync(long revision, int pageSize, KeyVisitor visit, CancellationToken cancellationToken)
    {
        byte[] from = [0];
        long count = -1;
        while (true)
        {
            var page = await RangeAsync(from, ToTheEnd, pageSize, revision, visit, cancellationToken);
            revision = revision == 0 ? page.Revision : revision;
            count = count < 0 ? page.Count : count;
            if (!page.More)
            {
                return (page.Revision, count);
            }

            // The next possible key.
            from = [.. page.LastKey, 0];
        }
    }

    /// <summary>Asks for one page of a range.</summary>
    public async Task<RangePage> RangeAsync(
        byte[] from, byte[] to, int limit, long revision, KeyVisitor visit, CancellationToken cancellationToken)
    {
        var question = new ProtoWriter().Bytes(1, from).Bytes(2, to).Number(3, limit).Number(4, revision);
        return ReadPage(await AskAsync("KV/Range", question, cancellationToken), visit);
    }

    /// <summary>How many keys a prefix has at a revision; 0 is now.</summary>
    public async Task<long> CountAsync(string prefix, long revision, CancellationToken cancellationToken)
    {
        var from = Encoding.UTF8.GetBytes(prefix);
        var question = new ProtoWriter().Bytes(1, from).Bytes(2, EndOf(prefix)).Number(4, revision).Number(9, 1);
        return ReadPage(await AskAsync("KV/Range", question, cancellationToken), (in KeyValue _) => { }).Count;
    }

    public void Dispose() => _http.Dispose();

    private static RangePage ReadPage(byte[] answer, KeyVisitor visit)
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

    /// <summary>One question, one answer. The frame is a zero byte, the length in four bytes, the message.</summary>
    private async Task<byte[]> AskAsync(string method, ProtoWriter question, CancellationToken cancellationToken)
    {
        var frame = new byte[5 + question.Written.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), question.Written.Length);
        question.Written.CopyTo(frame.AsSpan(5));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/etcdserverpb." + method)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(frame),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        using var limit = new CancellationTokenSource(Limit, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            await using var stream = await response.Content.ReadAsStreamAsync(either.Token);
            var answer = await ReadMessageAsync(stream, method, either.Token);
            while (answer is not null && await stream.ReadAsync(new byte[1], either.Token) > 0)
            {
                // The trailers come after the last byte.
            }

            RequireOk(response, method);
            return answer ?? [];
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new EtcdException($"etcd at {Endpoint} did not answer {method} within {Limit.TotalSeconds:0.###} s");
        }
        catch (HttpRequestException e)
        {
            throw new EtcdException(Unreachable(e), null, e);
        }
        catch (Exception e) when (e is IOException or FormatException)
        {
            throw new EtcdException($"etcd at {Endpoint} broke off its answer to {method}: {e.Message}", null, e);
        }
    }

    private static async Task<byte[]?> ReadMessageAsync(Stream stream, string method, CancellationToken cancellationToken)
    {
        var head = new byte[5];
        var read = await stream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken);
        if (read == 0)
        {
            return null;
        }

        var length = BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(1));
        if (read < head.Length || head[0] != 0 || length > LongestMessage)
        {
            throw new IOException($"{method} was not answered by gRPC");
        }

        var message = new byte[length];
        await stream.ReadExactlyAsync(message, cancellationToken);
        return message;
    }

    private void RequireOk(HttpResponseMessage response, string method)
    {
        var status = Find(response, "grpc-status");
        if (status == "0")
        {
            return;
        }

        var said = Find(response, "grpc-message") is { } text ? Uri.UnescapeDataString(text) : $"HTTP {(int)response.StatusCode}";
        throw new EtcdException(
            $"etcd at {Endpoint} refused {method}: {said}",
            int.TryParse(status, NumberStyles.None, CultureInfo.InvariantCulture, out var code) ? code : null);
    }

    private static string? Find(HttpResponseMessage response, string name) =>
        response.TrailingHeaders.TryGetValues(name, out var trailing) ? trailing.First()
        : response.Headers.TryGetValues(name, out var leading) ? leading.First()
        : null;

    private string Unreachable(HttpRequestException e) => e.InnerException switch
    {
        AuthenticationException => $"etcd at {Endpoint} and this side do not accept each other's certificates: {e.InnerException.Message}; " +
            "name the authority, certificate and key that etcd's own clients use (ca, cert, key)",
        System.Net.Sockets.SocketException socket => $"etcd at {Endpoint} cannot be reached: {socket.Message}; is it running there, and does the endpoint begin with https where it takes TLS?",

        // With TLS 1.3 a member that does not accept a certificate just hangs up, after the handshake.
        _ => $"etcd at {Endpoint} cannot be asked: {(e.InnerException ?? e).Message}" +
            (Endpoint.StartsWith("https", StringComparison.Ordinal) ? "; perhaps it does not accept this side's certificate: name the one that etcd's own clients use (cert, key)" : ""),
    };
}
