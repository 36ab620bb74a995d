using System.Runtime.InteropServices;
using System.Text;
using ChaosDrill.Actions.Etcd.Client;
using ChaosDrill.Actions.Etcd.Snapshots;

namespace ChaosDrill.Actions.Restores.EtcdRestoreVerify;

/// <summary>What a restored etcd says that it holds, read key by key as its clients would.</summary>
internal sealed class RestoredContent
{
    private const int FirstPage = 1000;

    private const string Registry = "/registry/";

    private readonly Dictionary<string, long> _counts = [];
    private readonly Dictionary<string, string> _kinds = [];
    private readonly Dictionary<ValueForm, long> _forms = [];
    private readonly byte[] _registry = Encoding.UTF8.GetBytes(Registry);

    /// <summary>Digest over all keys.</summary>
    public ContentDigest Digest { get; } = new();

    /// <summary>How many keys each prefix has.</summary>
    public IReadOnlyDictionary<string, long> Counts => _counts;

    /// <summary>How many Kubernetes objects are written in each form.</summary>
    public IReadOnlyDictionary<ValueForm, long> Forms => _forms;

    /// <summary>The first objects that are not what their key says, and how many there are.</summary>
    public List<string> Misfits { get; } = [];

    /// <summary>How many objects are not what their key says.</summary>
    public long MisfitCount { get; private set; }

    /// <summary>Reads everything at a revision.</summary>
    public async Task ReadAsync(EtcdClient client, long revision, CancellationToken cancellationToken) =>
        await client.VisitAsync(revision, FirstPage, Take, cancellationToken);

    private void Take(in KeyValue key)
    {
        Digest.Add(key);
        var prefix = KeyPrefix.Of(key.Key);
        CollectionsMarshal.GetValueRefOrAddDefault(_counts, prefix, out _)++;
        if (key.Key.StartsWith(_registry) && Misfit(key, prefix) is { } why && ++MisfitCount <= 3)
        {
            Misfits.Add($"{Encoding.UTF8.GetString(key.Key)}: {why}");
        }
    }

    /// <summary>Why a value cannot be the object of its key; null when it can.</summary>
    private string? Misfit(in KeyValue key, string prefix)
    {
        if (KubernetesValue.Read(key.Value) is not { } value)
        {
            return "its value is neither protobuf, nor JSON, nor encrypted";
        }

        CollectionsMarshal.GetValueRefOrAddDefault(_forms, value.Form, out _)++;
        if (value.Form == ValueForm.Encrypted)
        {
            return null;
        }

        // Under one prefix lie objects of one kind, whatever the resource is called.
        ref var kind = ref CollectionsMarshal.GetValueRefOrAddDefault(_kinds, prefix, out _);
        kind ??= value.Kind!;
        if (kind != value.Kind)
        {
            return $"it is of kind {value.Kind}, where others are of kind {kind}";
        }

        var segments = Encoding.UTF8.GetString(key.Key[Math.Min(prefix.Length, key.Key.Length)..]).Split('/', StringSplitOptions.RemoveEmptyEntries);
        return segments.Length > 0 && value.Name is { } name && name != segments[^1] ? $"its object is called {name}"
            : segments.Length > 1 && value.Namespace is { } ns && ns != segments[^2] ? $"its object is in namespace {ns}"
            : null;
    }
}
