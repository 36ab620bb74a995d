using ChaosDrill.Actions.Clusters;
using ChaosDrill.Actions.Faults.Pods;
using ChaosDrill.Actions.Undos;
using ChaosDrill.Actions.Workloads;
using ChaosDrill.Engine;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Plans;

namespace ChaosDrill.Actions.Faults.PodFailure;

/// <summary>Breaks pods where they are; proved, pod by pod, from the instant at which each was first seen not ready.</summary>
internal sealed class PodFailureFault(KubernetesClient client, string ns, PodFailure options, PodFeed feed) : IFault
{
    private static readonly TimeSpan EffectLimit = TimeSpan.FromMinutes(2);

    public IReadOnlyList<AccessNeed> Needs =>
    [
        new("list", "", "pods", ns, "find the pods to break"),
        new("get", "", "pods", ns, "read the pods to break, and put them back"),
        new("patch", "", "pods", ns, "break pods, and put them back"),
    ];

    public TimeSpan? MaxDuration => options.MaxDuration;

    public Task<FaultPlan> PlanAsync(Random random, CancellationToken cancellationToken) => ClusterFailure.Translate(async () =>
    {
        var choice = await PodChoice.ReadAsync(client, ns, options.Selector, options.Mode, options.Value, random, cancellationToken);
        return new FaultPlan(
            $"give {choice.Victims.Count} of {choice.Candidates.Count} pods with {options.Selector} the image {options.Image}",
            choice.Targets, choice.Candidates.Count, "give them back their images",
            [
                .. choice.NoTargets(),
                .. choice.Victims.Where(v => v.Spec.Containers.Any(c => c.Image == options.Image)).Select(v => new Refusal(
                    RefusalKind.Guard, $"pod {ns}/{v.Metadata.Name} has the image {options.Image} already", "put it right first, or choose another image")),
            ]) { Touches = choice.Touches };
    });

    public Task InjectAsync(FaultPlan plan, IFaultReport report, CancellationToken cancellationToken) => ClusterFailure.Translate(async () =>
    {
        var effects = new EffectWatch(plan.Targets, report);
        using var listening = feed.Listen(effects.On);
        foreach (var target in plan.Targets)
        {
            var place = new Place(Place.Pods, ns, target.Name, target.Uid);
            var found = await place.FindAsync(client, cancellationToken) ?? throw new ClusterException($"{place} is gone");
            await MarkedChange.MakeAsync(
                client, new PodImageReversal(place, ContainerImages.Of(found["spec"]), options.Image), PodImageReversal.UndoKind,
                $"give pod {ns}/{target.Name} back its image", report, cancellationToken, target);
        }

        try
        {
            await effects.AllFailed.WaitAsync(EffectLimit, client.Clock, cancellationToken);
        }
        catch (TimeoutException)
        {
            // What was not seen is not reported; the step then ends as not proved.
        }
    });

    private sealed class EffectWatch(IReadOnlyList<Target> targets, IFaultReport report)
    {
        private readonly Lock _lock = new();
        private readonly Dictionary<string, Target> _open = targets.ToDictionary(t => t.Uid);
        private readonly Dictionary<string, long> _notReadySince = [];
        private readonly TaskCompletionSource _allFailed = Signal.New();

        public Task AllFailed => _allFailed.Task;

        public void On(WatchEvent<Pod> e)
        {
            lock (_lock)
            {
                if (e.Object is not { Metadata.Uid: { } uid } pod || !_open.TryGetValue(uid, out var target))
                {
                    return;
                }

                if (pod.IsReady)
                {
                    _notReadySince.Remove(uid);
                    return;
                }

                _notReadySince.TryAdd(uid, e.ReceivedAt);
                if (PodFailures.Of(pod) is not { } failure)
                {
                    return;
                }

                _open.Remove(uid);
                report.TookEffect(target, failure, _notReadySince[uid]);
                if (_open.Count == 0)
                {
                    _allFailed.TrySetResult();
                }
            }
        }
    }
}
