namespace ChaosDrill.Actions.Etcd.Client;

/// <summary>A key as etcd keeps it (mvccpb.KeyValue). The spans are the message's own memory: copy what is to last.</summary>
internal readonly ref struct KeyValue
{
    private KeyValue(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, long created, long modified, long version)
    {
        Key = key;
        Value = value;
        (CreateRevision, ModRevision, Version) = (created, modified, version);
    }

    public ReadOnlySpan<byte> Key { get; }

    public ReadOnlySpan<byte> Value { get; }

    public long CreateRevision { get; }

    public long ModRevision { get; }

    public long Version { get; }

    /// <exception cref="FormatException">It is none.</exception>
    public static KeyValue Read(ReadOnlySpan<byte> message)
    {
        ReadOnlySpan<byte> key = default;
        ReadOnlySpan<byte> value = default;
        long created = 0, modified = 0, version = 0;
        var reader = new ProtoReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    key = reader.Bytes;
                    break;
                case 2:
                    created = (long)reader.Number;
                    break;
                case 3:
                    modified = (long)reader.Number;
                    break;
                case 4:
                    version = (long)reader.Number;
                    break;
                case 5:
                    value = reader.Bytes;
                    break;
            }
        }

        return new KeyValue(key, value, created, modified, version);
    }
}

/// <summary>What a member says of itself (etcdserverpb.StatusResponse).</summary>
/// <param name="ClusterId">Cluster id.</param>
/// <param name="MemberId">Member id.</param>
/// <param name="Revision">Revision of its store.</param>
/// <param name="Version">Version of the server, such as <c>3.5.30</c>.</param>
/// <param name="Leader">Member id of the leader; 0 when there is none.</param>
/// <param name="DbSize">Size of its database in bytes.</param>
/// <param name="RaftIndex">Last index that is committed.</param>
/// <param name="AppliedIndex">Last index that is applied.</param>
/// <param name="IsLearner">Whether it may not vote.</param>
internal sealed record MemberStatus(
    ulong ClusterId, ulong MemberId, long Revision, string Version, ulong Leader, long DbSize, ulong RaftIndex, ulong AppliedIndex, bool IsLearner);

/// <summary>A member as the cluster knows it.</summary>
internal sealed record Member(ulong Id, string Name, IReadOnlyList<string> PeerUrls, IReadOnlyList<string> ClientUrls);

/// <summary>A page of keys.</summary>
/// <param name="Revision">Revision of the store when it answered.</param>
/// <param name="Count">How many keys the whole range has.</param>
/// <param name="More">Whether the range goes on.</param>
/// <param name="LastKey">The last key of the page; empty when there is none.</param>
internal sealed record RangePage(long Revision, long Count, bool More, byte[] LastKey);

/// <summary>A hash over all keys up to a revision.</summary>
/// <param name="Hash">The hash.</param>
/// <param name="CompactRevision">Revision up to which history is gone; the hash depends on it.</param>
internal sealed record KeyHash(uint Hash, long CompactRevision);

/// <summary>Takes a key out of a page; the memory is the page's own.</summary>
internal delegate void KeyVisitor(in KeyValue key);
