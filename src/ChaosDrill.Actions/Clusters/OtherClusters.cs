using System.Text.Json.Nodes;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;

namespace ChaosDrill.Actions.Clusters;

/// <summary>The clusters that a drill also acts on, by the contexts that lead there; each is opened when it is first asked for.</summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="open">Opens one; nothing is sent yet.</param>
public sealed class OtherClusters(Func<string, KubernetesClient> open) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, KubernetesClient> _opened = new(StringComparer.Ordinal);

    /// <summary>Speaks with the cluster that a context leads to.</summary>
    /// <exception cref="ClusterException">There is no such context.</exception>
    public KubernetesClient At(string context)
    {
        lock (_lock)
        {
            try
            {
                return _opened.TryGetValue(context, out var client) ? client : _opened[context] = open(context);
            }
            catch (KubeconfigException e)
            {
                throw new ClusterException($"the scenario names another cluster by its context {context}: {e.Message}", e);
            }
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        foreach (var client in _opened.Values)
        {
            await client.DisposeAsync();
        }
    }
}

/// <summary>Which cluster a way back belongs to, when it is not the one that the drill was started on. Stands in its payload, so that whoever goes it finds the cluster.</summary>
/// <param name="Context">The context that led there.</param>
/// <param name="Server">Address of its API server; a context may lead elsewhere by now.</param>
internal sealed record OtherCluster(string Context, string Server)
{
    private const string Member = "cluster";

    /// <summary>A way back's payload with this cluster in it.</summary>
    public string In(string payload)
    {
        var json = JsonNode.Parse(payload)!.AsObject();
        json[Member] = new JsonObject { ["context"] = Context, ["server"] = Server };
        return json.ToJsonString();
    }

    /// <summary>The cluster that a way back names; null when it is the drill's own.</summary>
    public static OtherCluster? Of(UndoRecord undo) =>
        (JsonNode.Parse(undo.Payload) as JsonObject)?[Member] is JsonObject other ? new((string)other["context"]!, (string)other["server"]!) : null;
}
