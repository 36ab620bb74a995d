using ChaosDrill.Actions.Clusters;
using ChaosDrill.Actions.Faults.Pods;
using ChaosDrill.Actions.Preflight;
using ChaosDrill.Actions.Workloads;
using ChaosDrill.Engine;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model;
using ChaosDrill.Model.Plans;

namespace ChaosDrill.Actions.Faults.PodKill;

/// <summary>Deletes pods, each only as the very object that was planned (by uid).</summary>
internal sealed class PodKillFault(KubernetesClient client, string ns, PodKill options, PodFeed feed) : IFault
{
    /// <summary>How long after the grace period a pod may take to be gone before the effect counts as not proved.</summary>
    private static readonly TimeSpan EffectLimit = TimeSpan.FromSeconds(30);

    /// <summary>What a pod gets to end by itself when neither it nor the scenario says.</summary>
    private const long DefaultGraceSeconds = 30;

    public IReadOnlyList<AccessNeed> Needs =>
    [
        new("list", "", "pods", ns, "find the pods to kill"),
        new("delete", "", "pods", ns, "kill pods"),
        Forecaster.BudgetNeed(ns),
    ];

    public Task<FaultPlan> PlanAsync(Random random, CancellationToken cancellationToken) => ClusterFailure.Translate(async () =>
    {
        var choice = await PodChoice.ReadAsync(client, ns, options.Selector, options.Mode, options.Value, random, cancellationToken);
        return new FaultPlan(
            $"delete {choice.Victims.Count} of {choice.Candidates.Count} pods with {options.Selector}{(options.GracePeriod is { } grace ? $", grace period {GoDuration.Format(grace)}" : "")}",
            choice.Targets,
            choice.Candidates.Count,
            "nothing to put back: the controllers of the pods replace them",
            [.. choice.NoTargets(), .. choice.Orphans()]) { Touches = choice.Touches, Budgets = BudgetSay.Passed };
    });

    public Task InjectAsync(FaultPlan plan, IFaultReport report, CancellationToken cancellationToken) => ClusterFailure.Translate(async () =>
    {
        var effects = new EffectWatch(plan.Targets, report);
        using var listening = feed.Listen(effects.On);
        await Task.WhenAll(plan.Targets.Select(target => DeleteAsync(target, report, cancellationToken)));
        var limit = (options.GracePeriod ?? TimeSpan.FromSeconds(DefaultGraceSeconds)) + EffectLimit;
        try
        {
            await effects.AllGone.WaitAsync(limit, client.Clock, cancellationToken);
        }
        catch (TimeoutException)
        {
            // What was not seen is not reported; the step then ends as not proved.
        }
    });

    private async Task DeleteAsync(Target target, IFaultReport report, CancellationToken cancellationToken)
    {
        report.Requested(target);
        await client.DeleteAsync(
            Resources.Pods, ns, target.Name,
            new DeleteOptions { GracePeriod = options.GracePeriod, PreconditionUid = target.Uid }, cancellationToken);
        report.Acknowledged(target);
    }

    /// <summary>A pod has stopped serving once it is being deleted; that this was no mere intention is proved when its uid is gone.</summary>
    private sealed class EffectWatch(IReadOnlyList<Target> targets, IFaultReport report)
    {
        private readonly Lock _lock = new();
        private readonly Dictionary<string, Target> _open = targets.ToDictionary(t => t.Uid);
        private readonly Dictionary<string, long> _terminatingSince = [];
        private readonly TaskCompletionSource _allGone = Signal.New();

        public Task AllGone => _open.Count == 0 ? Task.CompletedTask : _allGone.Task;

        public void On(WatchEvent<Pod> e)
        {
            lock (_lock)
            {
                if (e.Object?.Metadata.Uid is not { } uid || !_open.TryGetValue(uid, out var target))
                {
                    return;
                }

                if (e.Object.IsTerminating)
                {
                    _terminatingSince.TryAdd(uid, e.ReceivedAt);
                }

                if (e.Type != WatchEventType.Deleted)
                {
                    return;
                }

                _open.Remove(uid);
                report.TookEffect(target, $"uid {uid} is gone", _terminatingSince.GetValueOrDefault(uid, e.ReceivedAt));
                if (_open.Count == 0)
                {
                    _allGone.TrySetResult();
                }
            }
        }
    }
}
