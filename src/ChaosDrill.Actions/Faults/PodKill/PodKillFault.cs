using ChaosDrill.Actions.Clusters;
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
    ];

    public Task<FaultPlan> PlanAsync(Random random, CancellationToken cancellationToken) => ClusterFailure.Translate(async () =>
    {
        var pods = await client.ListAsync(Resources.Pods, ns, new ListOptions { LabelSelector = options.Selector }, cancellationToken);
        var candidates = Victims.Candidates(pods.Items);
        var victims = Victims.Choose(candidates, options.Mode, options.Value, random);
        return new FaultPlan(
            $"delete {victims.Count} of {candidates.Count} pods with {options.Selector}{(options.GracePeriod is { } grace ? $", grace period {GoDuration.Format(grace)}" : "")}",
            [.. victims.Select(TargetOf)],
            candidates.Count,
            "nothing to put back: the controllers of the pods replace them",
            [.. Refusals(candidates, victims)]);
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

    private IEnumerable<Refusal> Refusals(IReadOnlyList<Pod> candidates, IReadOnlyList<Pod> victims)
    {
        if (candidates.Count == 0)
        {
            yield return new Refusal(
                RefusalKind.NoTargets, $"no running pod in namespace {ns} matches {options.Selector}, so nothing could be learnt; nothing was touched",
                $"see what is there with: kubectl get pods -n {ns} --show-labels");
        }

        foreach (var orphan in victims.Where(v => v.Metadata.Controller is null))
        {
            yield return new Refusal(
                RefusalKind.Guard, $"pod {ns}/{orphan.Metadata.Name} declares no controller; nothing would bring it back",
                "narrow the selector to pods of a deployment, stateful set or the like");
        }
    }

    private Target TargetOf(Pod pod) => new("Pod", ns, pod.Metadata.Name!, pod.Metadata.Uid!, pod.Spec.NodeName is { } node ? $"on {node}" : null);

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
