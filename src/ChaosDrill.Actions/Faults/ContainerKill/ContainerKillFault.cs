using ChaosDrill.Actions.Clusters;
using ChaosDrill.Actions.Faults.Pods;
using ChaosDrill.Actions.Workloads;
using ChaosDrill.Engine;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Plans;

namespace ChaosDrill.Actions.Faults.ContainerKill;

/// <summary>Ends containers; proved, pod by pod, by another run of the container, from the instant at which the first was seen to be over.</summary>
internal sealed class ContainerKillFault(KubernetesClient client, string ns, ContainerKill options, PodFeed feed) : IFault
{
    /// <summary>How long a container may take to end and to be started again; one that ended before waits for some minutes.</summary>
    private static readonly TimeSpan EffectLimit = TimeSpan.FromMinutes(6);

    public IReadOnlyList<AccessNeed> Needs =>
    [
        new("list", "", "pods", ns, "find the pods whose container is killed"),
        new("get", "", "pods", ns, "know the container's run before it is killed"),
        .. new[] { "get", "create" }.Select(verb => new AccessNeed(verb, "", "pods/exec", ns, "kill containers")),
    ];

    public Task<FaultPlan> PlanAsync(Random random, CancellationToken cancellationToken) => ClusterFailure.Translate(async () =>
    {
        var choice = await PodChoice.ReadAsync(client, ns, options.Selector, options.Mode, options.Value, random, cancellationToken);
        return new FaultPlan(
            $"end {(options.Container is { } named ? $"container {named}" : "the first container")} of {choice.Victims.Count} of {choice.Candidates.Count} pods with {options.Selector}",
            choice.Targets, choice.Candidates.Count, "nothing to put back: the kubelet starts the container again",
            [.. choice.NoTargets(), .. choice.Victims.SelectMany(Refusals)]);
    });

    public Task InjectAsync(FaultPlan plan, IFaultReport report, CancellationToken cancellationToken) => ClusterFailure.Translate(async () =>
    {
        var runs = new Dictionary<string, (Target Target, ContainerStatus Before)>();
        foreach (var target in plan.Targets)
        {
            var pod = await client.GetAsync(Resources.Pods, ns, target.Name, cancellationToken);
            if (pod.Metadata.Uid != target.Uid || StatusOf(pod) is not { State.Running: not null } before)
            {
                throw new ClusterException($"{target} is gone, or its container does not run any more");
            }

            runs[target.Uid] = (target, before);
        }

        var effects = new EffectWatch(runs, StatusOf, report);
        using var listening = feed.Listen(effects.On);
        await Task.WhenAll(plan.Targets.Select(target => KillAsync(target, runs[target.Uid].Before.Name, report, cancellationToken)));
        try
        {
            await effects.AllSeen.WaitAsync(EffectLimit, client.Clock, cancellationToken);
        }
        catch (TimeoutException)
        {
            // What was not seen is not reported; the step then ends as not proved.
        }
    });

    private async Task KillAsync(Target target, string container, IFaultReport report, CancellationToken cancellationToken)
    {
        report.Requested(target);

        // The command may go down with its container: whatever it says, the next run of the container is the proof.
        var result = await client.ExecAsync(ns, target.Name, new ExecOptions { Command = options.Command, Container = container }, cancellationToken);
        if (result is { End: ExecEnd.Exited, ExitCode: 126 or 127 })
        {
            throw new ClusterException($"{target} has no program {options.Command[0]}: {result.Error.Trim()}; name another command");
        }

        report.Acknowledged(target);
    }

    private ContainerStatus? StatusOf(Pod pod)
    {
        var name = options.Container ?? pod.Spec.Containers[0].Name;
        return pod.Status.ContainerStatuses.FirstOrDefault(c => c.Name == name);
    }

    private IEnumerable<Refusal> Refusals(Pod pod)
    {
        if (StatusOf(pod) is not { State.Running: not null })
        {
            yield return new Refusal(
                RefusalKind.Guard, $"pod {ns}/{pod.Metadata.Name} has no running container {options.Container ?? ""}".TrimEnd(), "correct the container's name, or narrow the selector");
        }
        else if (pod.Spec.RestartPolicy is "Never")
        {
            yield return new Refusal(RefusalKind.Guard, $"pod {ns}/{pod.Metadata.Name} is never restarted; nothing would bring its container back", "narrow the selector");
        }
    }

    private sealed class EffectWatch(Dictionary<string, (Target Target, ContainerStatus Before)> runs, Func<Pod, ContainerStatus?> statusOf, IFaultReport report)
    {
        private readonly Lock _lock = new();
        private readonly Dictionary<string, (Target Target, ContainerStatus Before)> _open = new(runs);
        private readonly Dictionary<string, long> _overSince = [];
        private readonly TaskCompletionSource _allSeen = Signal.New();

        public Task AllSeen => _allSeen.Task;

        public void On(WatchEvent<Pod> e)
        {
            lock (_lock)
            {
                if (e.Object is not { Metadata.Uid: { } uid } pod || !_open.TryGetValue(uid, out var run) || statusOf(pod) is not { } now)
                {
                    return;
                }

                var isAnother = now.RestartCount > run.Before.RestartCount || (now.ContainerID is { } id && id != run.Before.ContainerID);
                if (isAnother || now.State.Running is null)
                {
                    _overSince.TryAdd(uid, e.ReceivedAt);
                }

                if (!isAnother)
                {
                    return;
                }

                _open.Remove(uid);
                report.TookEffect(run.Target, $"container {now.Name} was restarted: {now.RestartCount} restarts, {run.Before.RestartCount} before", _overSince[uid]);
                if (_open.Count == 0)
                {
                    _allSeen.TrySetResult();
                }
            }
        }
    }
}
