using ChaosDrill.Actions.Preflight;
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
        ? [new("delete", "", "pods", ns, "delete pods past their budgets"), Forecaster.BudgetNeed(ns)]
        :
        [
            new("create", "", "pods/eviction", ns, "evict pods"),
            Forecaster.BudgetNeed(ns),
            new("watch", "policy", "poddisruptionbudgets", ns, "evict the moment a budget allows it"),
        ];

    /// <summary>Evicts pods; each is reported when it is asked for and when it is gone.</summary>
    /// <param name="act">Hands over which, each as the very object that was chosen, at once or bit by bit; called when their end can no longer slip by unseen.</param>
    /// <param name="ns">Where they and their budgets are; null for everywhere.</param>
    /// <param name="watched">A watch that shows them all.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="ClusterException">A pod could not be evicted, or did not go.</exception>
    public async Task RunAsync(Func<Func<IReadOnlyList<Target>, Task>, Task> act, string? ns, WatchOptions watched, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var budgets = new BudgetWatch(client, ns);
        var watching = manner.DisableEviction ? Task.CompletedTask : budgets.RunAsync(stop.Token);
        var departures = new Departures(report);
        try
        {
            var allGone = await Sighting.AroundAsync(client, Resources.Pods, ns, watched, departures.See, ActAsync, cancellationToken);
            if (!allGone)
            {
                throw new ClusterException($"not gone in time: {string.Join(", ", departures.Open)}");
            }
        }
        finally
        {
            stop.Cancel();
            await watching;
        }

        async Task<TimeSpan?> ActAsync()
        {
            await act(EvictAllAsync);
            departures.Complete();
            return departures.AreGone ? null : (manner.GracePeriod ?? departures.LongestGrace) + GoneLimit;
        }

        async Task EvictAllAsync(IReadOnlyList<Target> pods)
        {
            departures.Expect(pods);
            report.Requested(pods);
            await Task.WhenAll(pods.Select(pod => EvictAsync(pod, budgets, departures, cancellationToken)));
        }
    }

    private async Task EvictAsync(Target pod, BudgetWatch budgets, Departures departures, CancellationToken cancellationToken)
    {
        var begin = client.Clock.GetTimestamp();
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
                departures.Forget(pod);
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

    private Task AskAsync(Target pod, CancellationToken cancellationToken) => manner.DisableEviction
        ? client.DeleteAsync(Resources.Pods, pod.Namespace, pod.Name, new DeleteOptions { GracePeriod = manner.GracePeriod, PreconditionUid = pod.Uid }, cancellationToken)
        : client.EvictAsync(pod.Namespace!, pod.Name, new EvictionOptions { GracePeriod = manner.GracePeriod, PreconditionUid = pod.Uid }, cancellationToken);

    private static bool IsNamespaceEnding(ApiException e) => e.IsForbidden && e.Causes.Any(c => c.Reason == "NamespaceTerminating");
}
