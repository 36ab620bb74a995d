using System.Runtime.InteropServices;
using ChaosDrill.Actions.Etcd.Client;
using ChaosDrill.Actions.Etcd.Snapshots;

namespace ChaosDrill.Actions.Restores.EtcdRestoreVerify;

/// <summary>What a restored etcd says that it holds, read key by key as its clients would.</summary>
internal sealed class RestoredContent
{
    private const int FirstPage = 1000;

    private readonly Dictionary<string, long> _counts = [];

    /// <summary>Digest over all keys.</summary>
    public ContentDigest Digest { get; } = new();

    /// <summary>How many keys each prefix has.</summary>
    public IReadOnlyDictionary<string, long> Counts => _counts;

    /// <summary>Reads everything at a revision.</summary>
    public async Task ReadAsync(EtcdClient client, long revision, CancellationToken cancellationToken) =>
        await client.VisitAsync(revision, FirstPage, Take, cancellationToken);

    private void Take(in KeyValue key)
    {
        Digest.Add(key);
        CollectionsMarshal.GetValueRefOrAddDefault(_counts, KeyPrefix.Of(key.Key), out _)++;
    }
}
