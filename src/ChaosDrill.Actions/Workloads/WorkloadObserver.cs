using ChaosDrill.Actions.Clusters;
using ChaosDrill.Engine;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Actions.Workloads;

/// <summary>Watches the workloads of one namespace: pods, their owners, their endpoints and the events about them.</summary>
internal sealed class WorkloadObserver(KubernetesClient client, string ns, IReadOnlyList<WorkloadReference> workloads, PodFeed feed)
    : IWorkloadObserver
{
    private readonly TaskCompletionSource _synced = Signal.New();
    private int _listsMissing;

    public IReadOnlyList<AccessNeed> Needs =>
    [
        .. Kinds().SelectMany(kind => new[] { Need("list", kind), Need("watch", kind) }),
    ];

    public Task Synced => _synced.Task;

    public async Task ObserveAsync(ITimelineWriter timeline, CancellationToken cancellationToken)
    {
        var states = new WorkloadStates(workloads, timeline);
        using var all = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watches = new List<Func<Task>>
        {
            () => WatchAsync(Resources.Pods, [ObservedPods, .. workloads.Select(w => w.ToString())], e => OnPod(states, e), true),
        };
        if (workloads.Any(w => w.Kind == "deployment"))
        {
            watches.Add(() => WatchWorkloadAsync(
                Resources.Deployments, "deployment", states, d => d.Metadata, d => d.Spec.Replicas ?? 1));
            watches.Add(() => WatchAsync(
                Resources.ReplicaSets, Named("deployment"),
                e =>
                {
                    if (e.Object is { } replicaSet)
                    {
                        states.SetReplicaSet(replicaSet, e.ReceivedAt);
                    }
                },
                true));
        }

        if (workloads.Any(w => w.Kind == "replicaset"))
        {
            watches.Add(() => WatchWorkloadAsync(Resources.ReplicaSets, "replicaset", states, r => r.Metadata, r => r.Spec.Replicas ?? 1));
        }

        if (workloads.Any(w => w.Kind == "statefulset"))
        {
            watches.Add(() => WatchWorkloadAsync(Resources.StatefulSets, "statefulset", states, s => s.Metadata, s => s.Spec.Replicas ?? 1));
        }

        if (workloads.Any(w => w.Kind == "daemonset"))
        {
            watches.Add(() => WatchWorkloadAsync(
                Resources.DaemonSets, "daemonset", states, d => d.Metadata, d => d.Status.DesiredNumberScheduled));
        }

        _listsMissing = watches.Count;
        watches.Add(() => WatchAsync(
            Resources.EndpointSlices, ["endpoints"],
            e => states.SetEndpoints(e.Object!, e.Type == WatchEventType.Deleted, e.ReceivedAt), false));
        watches.Add(() => WatchAsync(Resources.Events, ["events"], e => OnEvent(states, timeline, e), false));
        try
        {
            await ClusterFailure.Translate(() => Task.WhenAll(watches.Select(StopsTheOthers)));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            _synced.TrySetCanceled(cancellationToken);
        }
        catch (ClusterException e)
        {
            _synced.TrySetException(e);
            throw;
        }

        async Task StopsTheOthers(Func<Task> watch)
        {
            try
            {
                await watch();
            }
            catch
            {
                all.Cancel();
                throw;
            }
        }

        Task WatchWorkloadAsync<T>(
            Resource<T> resource, string kind, WorkloadStates into, Func<T, ObjectMeta> metadata, Func<T, int> desired) =>
            WatchAsync(
                resource, Named(kind),
                e =>
                {
                    if (e.Object is { } workload && metadata(workload) is { Name: { } name, Uid: { } uid })
                    {
                        into.SetWorkload(
                            new WorkloadReference(kind, name), uid, e.Type == WatchEventType.Deleted ? null : desired(workload), e.ReceivedAt);
                    }
                },
                true);

        async Task WatchAsync<T>(Resource<T> resource, IReadOnlyList<string> blinds, Action<WatchEvent<T>> on, bool needed)
        {
            var counted = false;
            await foreach (var e in client.WatchAsync(resource, ns, cancellationToken: all.Token))
            {
                switch (e.Type)
                {
                    case WatchEventType.Synced:
                        if (needed && !counted && Interlocked.Decrement(ref _listsMissing) == 0)
                        {
                            states.Begin(e.ReceivedAt);
                            _synced.TrySetResult();
                        }

                        counted = true;
                        break;
                    case WatchEventType.Interrupted:
                        foreach (var what in blinds)
                        {
                            timeline.Record(
                                new ObservationInterrupted(what, timeline.At(e.Gap!.LastHeardAt), $"{resource.Plural}: {e.Gap.Reason}"), e.ReceivedAt);
                        }

                        break;
                    case WatchEventType.Resumed:
                        foreach (var what in blinds)
                        {
                            timeline.Record(
                                new ObservationGap(
                                    what, timeline.At(e.Gap!.LastHeardAt), timeline.At(e.Gap.ResumedAt ?? e.ReceivedAt), e.Gap.Relisted,
                                    $"{resource.Plural}: {e.Gap.Reason}"),
                                e.Gap.ResumedAt ?? e.ReceivedAt);
                        }

                        break;
                    default:
                        on(e);
                        break;
                }
            }
        }
    }

    /// <summary>Name of a gap in the stream that proves the effect of faults.</summary>
    private const string ObservedPods = "effects";

    private string[] Named(string kind) => [.. workloads.Where(w => w.Kind == kind).Select(w => w.ToString())];

    private void OnPod(WorkloadStates states, WatchEvent<Pod> e)
    {
        if (e.Type == WatchEventType.Deleted)
        {
            states.RemovePod(e.Object!, e.ReceivedAt);
        }
        else
        {
            states.SetPod(e.Object!, e.ReceivedAt);
        }

        feed.Publish(e);
    }

    private void OnEvent(WorkloadStates states, ITimelineWriter timeline, WatchEvent<Event> e)
    {
        // Events from before the drill, and those about others, prove nothing here.
        if (e.Type is WatchEventType.Deleted || !Synced.IsCompletedSuccessfully || !states.Concerns(e.Object!.InvolvedObject))
        {
            return;
        }

        var happened = e.Object!;
        timeline.Record(
            new ClusterEventSeen(
                $"{happened.InvolvedObject!.Kind} {happened.InvolvedObject.Name}",
                happened.Reason ?? "", happened.Message ?? "",
                (happened.EventTime ?? happened.LastTimestamp ?? happened.FirstTimestamp)?.ToString("O")),
            e.ReceivedAt);
    }

    private IEnumerable<(string Group, string Resource)> Kinds()
    {
        yield return ("", "pods");
        foreach (var kind in workloads.Select(w => w.Kind).Distinct())
        {
            yield return ("apps", kind + "s");
            if (kind == "deployment")
            {
                yield return ("apps", "replicasets");
            }
        }

        yield return ("discovery.k8s.io", "endpointslices");
        yield return ("", "events");
    }

    private AccessNeed Need(string verb, (string Group, string Resource) kind) =>
        new(verb, kind.Group, kind.Resource, ns, "watch the workloads");
}
