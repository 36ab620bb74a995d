using ChaosDrill.Actions.Workloads;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Model.Timelines;
using Xunit;

namespace ChaosDrill.Actions.Tests.Workloads;

public sealed class WorkloadStatesTests : ITimelineWriter
{
    private static readonly WorkloadReference Web = new("deployment", "web");
    private readonly List<(TimelineEvent Event, long At)> _said = [];
    private readonly WorkloadStates _states;

    public WorkloadStatesTests() => _states = new WorkloadStates([Web], this);

    [Fact]
    public void Readiness_IsCountedFromThePodsOfTheWorkloadAlone()
    {
        Begin();
        _states.SetPod(Pod("a", ready: true), 1);
        _states.SetPod(Pod("b", ready: false), 2);
        _states.SetPod(Pod("stranger", ready: true, owner: "other"), 3);

        Assert.Equal((3, 1, 2), Last());
    }

    [Fact]
    public void Readiness_OfAPodBeingDeleted_CountsNoMore()
    {
        Begin();
        _states.SetPod(Pod("a", ready: true), 1);
        _states.SetPod(Pod("a", ready: true, terminating: true), 2);

        Assert.Equal((3, 0, 0), Last());
        Assert.Contains(_said, s => s.Event is PodObserved { Milestone: PodMilestone.Terminating } && s.At == 2);
    }

    [Fact]
    public void Readiness_OfAPodThatSucceeded_CountsNoMore()
    {
        Begin();
        _states.SetPod(Pod("a", ready: true, phase: "Succeeded"), 1);

        Assert.Equal(0, Last().Ready);
    }

    [Fact]
    public void Pods_WhoseOwnerComesLater_AreToldOfWithTheirOwnInstants()
    {
        _states.SetWorkload(Web, "web-uid", 1, 0);
        _states.Begin(0);
        _states.SetPod(Pod("a", ready: false), 5);
        _states.SetReplicaSet(ReplicaSet(), 9);

        Assert.Contains(_said, s => s.Event is PodObserved { Milestone: PodMilestone.Created, Pod: "a" } && s.At == 5);
    }

    [Fact]
    public void Readiness_ThatDoesNotChange_IsSaidOnce()
    {
        Begin();
        _states.SetPod(Pod("a", ready: true), 1);
        _states.SetPod(Pod("a", ready: true), 2);
        _states.SetPod(Pod("a", ready: true), 3);

        Assert.Equal(2, _said.Count(s => s.Event is WorkloadObserved));
    }

    [Fact]
    public void Workload_ThatIsGone_DoesNotHold()
    {
        Begin();
        _states.SetWorkload(Web, "web-uid", null, 4);

        Assert.False(_said.Select(s => s.Event).OfType<WorkloadObserved>().Last().Holds);
    }

    [Fact]
    public void Milestones_OfAPod_AreEachToldOnce()
    {
        Begin();
        _states.SetPod(Pod("a", ready: false, node: null, running: false), 1);
        _states.SetPod(Pod("a", ready: false, running: false), 2);
        _states.SetPod(Pod("a", ready: false), 3);
        _states.SetPod(Pod("a", ready: true), 4);
        _states.SetEndpoints(Slice("a"), false, 5);
        _states.SetEndpoints(Slice(), false, 6);
        _states.RemovePod(Pod("a", ready: true), 7);

        Assert.Equal(
            [
                (PodMilestone.Created, 1), (PodMilestone.Scheduled, 2), (PodMilestone.Started, 3), (PodMilestone.Ready, 4),
                (PodMilestone.InEndpoints, 5), (PodMilestone.OutOfEndpoints, 6), (PodMilestone.Gone, 7),
            ],
            _said.Where(s => s.Event is PodObserved).Select(s => (((PodObserved)s.Event).Milestone, (int)s.At)));
    }

    void ITimelineWriter.Record(TimelineEvent happened) => _said.Add((happened, 0));

    void ITimelineWriter.Record(TimelineEvent happened, long timestamp) => _said.Add((happened, timestamp));

    void ITimelineWriter.Record(IReadOnlyList<(TimelineEvent Happened, long Timestamp)> together) => _said.AddRange(together);

    TimeSpan ITimelineWriter.At(long timestamp) => TimeSpan.FromTicks(timestamp);

    private void Begin()
    {
        _states.SetWorkload(Web, "web-uid", 3, 0);
        _states.SetReplicaSet(ReplicaSet(), 0);
        _states.Begin(0);
    }

    private (int? Desired, int Ready, int Pods) Last()
    {
        var last = _said.Select(s => s.Event).OfType<WorkloadObserved>().Last();
        return (last.Desired, last.Ready, last.Pods);
    }

    private static ReplicaSet ReplicaSet() => new()
    {
        Metadata = new ObjectMeta { Name = "web-1", Uid = "set-uid", OwnerReferences = [new OwnerReference { Kind = "Deployment", Name = "web", Uid = "web-uid", Controller = true }] },
    };

    private static EndpointSlice Slice(params string[] uids) => new()
    {
        Metadata = new ObjectMeta { Name = "web", Uid = "slice" },
        Endpoints = [.. uids.Select(uid => new Endpoint { Conditions = new EndpointConditions { Ready = true }, TargetRef = new ObjectReference { Uid = uid } })],
    };

    private static Pod Pod(string name, bool ready, bool terminating = false, string owner = "set-uid", string phase = "Running", string? node = "n1", bool running = true) => new()
    {
        Metadata = new ObjectMeta
        {
            Name = name, Uid = name, DeletionTimestamp = terminating ? DateTimeOffset.UnixEpoch : null,
            OwnerReferences = [new OwnerReference { Kind = "ReplicaSet", Uid = owner, Controller = true }],
        },
        Spec = new PodSpec { NodeName = node, Containers = [new Container { Name = "c" }] },
        Status = new PodStatus
        {
            Phase = phase,
            Conditions = [new Condition { Type = "Ready", Status = ready ? "True" : "False" }],
            ContainerStatuses = [new ContainerStatus { Name = "c", State = new ContainerState { Running = running ? new ContainerRunning() : null } }],
        },
    };
}
