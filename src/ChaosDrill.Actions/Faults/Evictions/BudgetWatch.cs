using ChaosDrill.Engine;
using ChaosDrill.Kubernetes;

namespace ChaosDrill.Actions.Faults.Evictions;

/// <summary>
/// Tells when a disruption budget allows an eviction again, the moment its status says so. kubectl sleeps five seconds
/// after each refusal instead.
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class BudgetWatch(KubernetesClient client, string? ns)
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _allowed = Signal.New();

    /// <summary>Completes when some budget allows an eviction. Take it before asking for one.</summary>
    public Task NextAllowed
    {
        get
        {
            lock (_lock)
            {
                return _allowed.Task;
            }
        }
    }

    /// <summary>Watches until cancelled. A budget that cannot be watched delays evictions as kubectl does, and harms nothing else.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var e in client.WatchAsync(Resources.PodDisruptionBudgets, ns, null, cancellationToken))
            {
                if (e.Type == WatchEventType.Deleted || e.Object is { Status.DisruptionsAllowed: > 0 })
                {
                    Allow();
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ApiException or ApiUnreachableException)
        {
            // Over, or not to be had: evictions go on by the clock.
        }
    }

    private void Allow()
    {
        TaskCompletionSource signal;
        lock (_lock)
        {
            signal = _allowed;
            _allowed = Signal.New();
        }

        signal.SetResult();
    }
}
