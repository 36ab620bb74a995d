using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Actions.Workloads;

/// <summary>
/// Folds the watch events of one namespace into what a drill says of its workloads. Readiness is counted from the pods
/// and their owners; the status of a workload, which lags, is never looked at (but for the number of nodes that a
/// daemon set wants, which stands nowhere else).
/// </summary>
/// <remarks>Thread-safe: events of several watches arrive at once.</remarks>
internal sealed class WorkloadStates(IReadOnlyList<WorkloadReference> workloads, ITimelineWriter timeline)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, PodState> _pods = [];
    private readonly Dictionary<string, WorkloadReference> _owners = [];
    private readonly Dictionary<WorkloadReference, int?> _desired = [];
    private readonly Dictionary<WorkloadReference, PodCount> _counts = [];
    private readonly Dictionary<WorkloadReference, WorkloadObserved> _said = [];
    private readonly Dictionary<string, HashSet<string>> _readyInSlice = [];
    private readonly List<(TimelineEvent Happened, long Timestamp)> _unsaid = [];
    private bool _reporting;

    /// <summary>Pods of a workload that are not terminating; kept up to date, since counting anew at each event costs their square.</summary>
    private readonly record struct PodCount(int Ready, int Alive);

    /// <summary>The first lists are in: from here on every change is reported, beginning with the state as it is.</summary>
    public void Begin(long timestamp)
    {
        lock (_lock)
        {
            _reporting = true;
            foreach (var pod in _pods.Values)
            {
                Say(null, pod, timestamp);
            }

            SayAll(timestamp);
            Flush();
        }
    }

    /// <summary>A workload was seen, or is gone.</summary>
    /// <param name="workload">Which.</param>
    /// <param name="uid">Its uid; its pods name it as their owner, unless replica sets stand in between.</param>
    /// <param name="desired">Replicas it asks for; null when it is gone.</param>
    /// <param name="timestamp">When.</param>
    public void SetWorkload(WorkloadReference workload, string uid, int? desired, long timestamp)
    {
        lock (_lock)
        {
            if (!workloads.Contains(workload))
            {
                return;
            }

            _desired[workload] = desired;
            SetOwner(uid, workload, timestamp);
            SayAll(timestamp);
            Flush();
        }
    }

    /// <summary>A replica set of a watched deployment was seen.</summary>
    public void SetReplicaSet(ReplicaSet replicaSet, long timestamp)
    {
        lock (_lock)
        {
            if (replicaSet.Metadata.Controller is { Kind: "Deployment", Name: { } name }
                && new WorkloadReference("deployment", name) is var deployment && workloads.Contains(deployment))
            {
                SetOwner(replicaSet.Metadata.Uid ?? "", deployment, timestamp);
                SayAll(timestamp);
                Flush();
            }
        }
    }

    /// <summary>A pod was seen.</summary>
    public void SetPod(Pod pod, long timestamp)
    {
        lock (_lock)
        {
            var now = PodState.Of(pod, timestamp);
            _pods.TryGetValue(now.Uid, out var before);
            now = now with { SeenAt = before?.SeenAt ?? timestamp };
            _pods[now.Uid] = now;
            Count(before, -1);
            Count(now, 1);
            Say(before, now, timestamp);
            SayAll(timestamp);
            Flush();
        }
    }

    /// <summary>A pod is gone.</summary>
    public void RemovePod(Pod pod, long timestamp)
    {
        lock (_lock)
        {
            if (_pods.Remove(pod.Metadata.Uid ?? "", out var gone) && OwnerOf(gone) is { } owner)
            {
                Count(gone, -1);
                Record(new PodObserved(owner, gone.Name, gone.Uid, PodMilestone.Gone, gone.Node), timestamp);
            }

            SayAll(timestamp);
            Flush();
        }
    }

    /// <summary>An endpoint slice was seen, or is gone.</summary>
    public void SetEndpoints(EndpointSlice slice, bool gone, long timestamp)
    {
        lock (_lock)
        {
            var key = slice.Metadata.Uid ?? slice.Metadata.Name ?? "";
            var before = _readyInSlice.GetValueOrDefault(key, []);
            HashSet<string> now = gone
                ? []
                : [.. slice.Endpoints.Where(e => e.Conditions.Ready != false).Select(e => e.TargetRef?.Uid).OfType<string>()];
            _readyInSlice[key] = now;
            SayEndpoints(now.Except(before), PodMilestone.InEndpoints, timestamp);
            SayEndpoints(before.Except(now), PodMilestone.OutOfEndpoints, timestamp);
            Flush();
        }
    }

    /// <summary>Whether an object, by uid or name, is one of the watched workloads' own.</summary>
    public bool Concerns(ObjectReference? reference)
    {
        lock (_lock)
        {
            return reference?.Uid is { } uid
                && ((_pods.TryGetValue(uid, out var pod) && OwnerOf(pod) is not null) || _owners.ContainsKey(uid));
        }
    }

    private WorkloadReference? OwnerOf(PodState pod) =>
        pod.OwnerUid is { } owner && _owners.TryGetValue(owner, out var workload) ? workload : null;

    /// <summary>Pods whose owner was not known yet, since it came on another watch, are told of with the instants of their own.</summary>
    private void SetOwner(string uid, WorkloadReference workload, long timestamp)
    {
        if (!_owners.TryAdd(uid, workload))
        {
            return;
        }

        foreach (var pod in _pods.Values.Where(p => p.OwnerUid == uid))
        {
            Count(pod, 1);
            Say(null, pod, Math.Min(pod.SeenAt, timestamp));
        }
    }

    private void Say(PodState? before, PodState now, long timestamp)
    {
        if (OwnerOf(now) is not { } owner)
        {
            return;
        }

        if (before is null)
        {
            Milestone(PodMilestone.Created);
        }

        if (now.Node is not null && before?.Node is null)
        {
            Milestone(PodMilestone.Scheduled);
        }

        if (now.Started && before is not { Started: true })
        {
            Milestone(PodMilestone.Started);
        }

        if (now.Ready && before is not { Ready: true })
        {
            Milestone(PodMilestone.Ready);
        }

        if (before is not null && ((before.Ready && !now.Ready) || (now.Waiting is not null && before.Waiting != now.Waiting)))
        {
            Milestone(PodMilestone.NotReady, now.Waiting);
        }

        if (now.Terminating && before is not { Terminating: true })
        {
            Milestone(PodMilestone.Terminating);
        }

        void Milestone(PodMilestone milestone, string? detail = null) =>
            Record(new PodObserved(owner, now.Name, now.Uid, milestone, now.Node, detail), timestamp);
    }

    private void SayEndpoints(IEnumerable<string> uids, PodMilestone milestone, long timestamp)
    {
        foreach (var uid in uids)
        {
            if (_pods.TryGetValue(uid, out var pod) && OwnerOf(pod) is { } owner)
            {
                Record(new PodObserved(owner, pod.Name, uid, milestone, pod.Node), timestamp);
            }
        }
    }

    private void Count(PodState? pod, int sign)
    {
        if (pod is { Terminating: false } && OwnerOf(pod) is { } owner)
        {
            var count = _counts.GetValueOrDefault(owner);
            _counts[owner] = new PodCount(count.Ready + (pod.Ready ? sign : 0), count.Alive + sign);
        }
    }

    private void SayAll(long timestamp)
    {
        foreach (var workload in workloads)
        {
            var count = _counts.GetValueOrDefault(workload);
            var now = new WorkloadObserved(workload, _desired.GetValueOrDefault(workload), count.Ready, count.Alive);
            if (_reporting && _said.GetValueOrDefault(workload) != now)
            {
                _said[workload] = now;
                Record(now, timestamp);
            }
        }
    }

    private void Record(TimelineEvent happened, long timestamp)
    {
        if (_reporting)
        {
            _unsaid.Add((happened, timestamp));
        }
    }

    /// <summary>What one event showed is recorded in one go: ten thousand pods at the start, and each pod with the count that it changed.</summary>
    private void Flush()
    {
        timeline.Record([.. _unsaid]);
        _unsaid.Clear();
    }
}
