using ChaosDrill.Actions.Undos;
using ChaosDrill.Engine;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model;
using ChaosDrill.Model.Plans;

namespace ChaosDrill.Actions.Faults.Evictions;

/// <summary>How pods are evicted.</summary>
/// <param name="GracePeriod">Time they get to end by themselves; null is their own.</param>
/// <param name="Timeout">How long budgets may hold an eviction back.</param>
/// <param name="DisableEviction">Delete instead, past every budget.</param>
internal sealed record EvictionManner(TimeSpan? GracePeriod, TimeSpan Timeout, bool DisableEviction);

/// <summary>Evicts pods, all at once, and waits until they are gone. Source: kubectl pkg/drain, evictPods.</summary>
internal sealed class Eviction(KubernetesClient client, EvictionManner manner, IFaultReport report)
{
    /// <summary>kubectl's wait after a refused eviction: the longest that a budget's change can go unseen here.</summary>
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(5);

    /// <summary>How long after its grace period a pod may take to be gone.</summary>
    private static readonly TimeSpan GoneLimit = TimeSpan.FromSeconds(60);

    /// <summary>Rights that evicting takes.</summary>
    /// <param name="ns">Where; null for everywhere.</param>
    /// <param name="disableEviction">Whether pods are deleted instead.</param>
    public static IEnumerable<AccessNeed> Needs(string? ns, bool disableEviction) => disableEviction
        ? [new("delete", "", "pods", ns, "delete pods past their budgets")]
        :
        [
            new("create", "", "pods/eviction", ns, "evict pods"),
            new("list", "policy", "poddisruptionbudgets", ns, "evict the moment a budget allows it"),
            new("watch", "policy", "poddisruptionbudgets", ns, "evict the moment a budget allows it"),
        ];

    /// <summary>Evicts the pods; each is reported when it is asked for and when it is gone.</summary>
    /// <param name="pods">Which, each as the very object that was chosen.</param>
    /// <param name="ns">Where they and their budgets are; null for everywhere.</param>
    /// <param name="watched">A watch that shows them all.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="ClusterException">A pod could not be evicted, or did not go.</exception>
    public async Task RunAsync(IReadOnlyList<Target> pods, string? ns, WatchOptions watched, CancellationToken cancellationToken)
    {
        if (pods.Count == 0)
        {
            return;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var budgets = new BudgetWatch(client, ns);
        var watching = manner.DisableEviction ? Task.CompletedTask : budgets.RunAsync(stop.Token);
        try
        {
            var open = pods.ToDictionary(p => p.Uid);
            var since = new Dictionary<string, long>();
            var allGone = await Sighting.AroundAsync(
                client, Resources.Pods, ns, watched, e => Seen(e, open, since),
                () => Task.WhenAll(pods.Select(pod => EvictAsync(pod, budgets, cancellationToken))),
                (manner.GracePeriod ?? TimeSpan.Zero) + GoneLimit, cancellationToken);
            if (!allGone)
            {
                throw new ClusterException($"not gone in time: {string.Join(", ", open.Values)}");
            }
        }
        finally
        {
            stop.Cancel();
            await watching;
        }
    }

    private bool Seen(WatchEvent<Pod> e, Dictionary<string, Target> open, Dictionary<string, long> since)
    {
        if (e.Object?.Metadata.Uid is { } uid && open.TryGetValue(uid, out var target))
        {
            if (e.Object.IsTerminating)
            {
                since.TryAdd(uid, e.ReceivedAt);
            }

            if (e.Type == WatchEventType.Deleted)
            {
                open.Remove(uid);
                report.TookEffect(target, $"uid {uid} is gone", since.GetValueOrDefault(uid, e.ReceivedAt));
            }
        }

        return open.Count == 0;
    }

    private async Task EvictAsync(Target pod, BudgetWatch budgets, CancellationToken cancellationToken)
    {
        var begin = client.Clock.GetTimestamp();
        report.Requested(pod);
        while (true)
        {
            var allowed = budgets.NextAllowed;
            try
            {
                await AskAsync(pod, cancellationToken);
                report.Acknowledged(pod);
                return;
            }
            catch (ApiException e) when (e.IsNotFound || e.IsConflict)
            {
                // Gone, or gone and created anew under its name: either way this one is no longer there.
                return;
            }
            catch (ApiException e) when (e.IsTooManyRequests || IsNamespaceEnding(e))
            {
                var left = manner.Timeout - client.Clock.GetElapsedTime(begin);
                if (left <= TimeSpan.Zero)
                {
                    throw new ClusterException(
                        $"{pod} was not evicted within {GoDuration.Format(manner.Timeout)}: {e.Message} {string.Join(" ", e.Causes.Select(c => c.Message))}".TrimEnd(), e);
                }

                var wait = e.RetryAfter ?? RetryDelay;
                await Waiting.ForAsync(e.IsTooManyRequests ? allowed : Signal.New().Task, wait < left ? wait : left, client.Clock, cancellationToken);
            }
        }
    }

    private async Task AskAsync(Target pod, CancellationToken cancellationToken)
    {
        if (manner.DisableEviction)
        {
            await client.DeleteAsync(
                Resources.Pods, pod.Namespace, pod.Name, new DeleteOptions { GracePeriod = manner.GracePeriod, PreconditionUid = pod.Uid }, cancellationToken);
            return;
        }

        await client.EvictAsync(
            pod.Namespace!, pod.Name, new EvictionOptions { GracePeriod = manner.GracePeriod, PreconditionUid = pod.Uid }, cancellationToken);
    }

    private static bool IsNamespaceEnding(ApiException e) => e.IsForbidden && e.Causes.Any(c => c.Reason == "NamespaceTerminating");
}
