using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;

namespace ChaosDrill.Actions.Clusters;

/// <summary>Says in the drill's words what the Kubernetes client threw.</summary>
internal static class ClusterFailure
{
    /// <summary>Runs a piece of work against the cluster; its failures become <see cref="ClusterException"/>.</summary>
    public static async Task<T> Translate<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception e) when (Of(e) is { } failure)
        {
            throw failure;
        }
    }

    /// <inheritdoc cref="Translate{T}"/>
    public static async Task Translate(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception e) when (Of(e) is { } failure)
        {
            throw failure;
        }
    }

    private static ClusterException? Of(Exception e) => e switch
    {
        ApiException { IsUnauthorized: true } api =>
            new ClusterException($"the cluster does not accept these credentials ({api.Message}); log in again, or choose another context", api),
        ApiException { IsForbidden: true } api => new ClusterException($"the cluster forbids it: {api.Message}", api),
        ApiException api => new ClusterException(api.Message, api),
        ApiUnreachableException unreachable => new ClusterException(unreachable.Message, unreachable),
        _ => null,
    };
}
