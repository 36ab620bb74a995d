using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Faults.Scale;

/// <summary>Sets the number of replicas of a workload, to 0 for instance. Undo sets the number there was; proved when that many pods are left.</summary>
public sealed record Scale : StepAction
{
    /// <summary>The workload: <c>deployment/NAME</c>, <c>statefulset/NAME</c> or <c>replicaset/NAME</c>.</summary>
    public required WorkloadReference Workload { get; init; }

    /// <summary>How many replicas it is to have, 0 to 10000; fewer than it has.</summary>
    [Between("0", "10000")]
    public int Replicas { get; init; }

    /// <summary>How long it lasts before it is put back, 1s to 168h. Without it, until an undo step or the end of the drill.</summary>
    [Between("1s", "168h")]
    public TimeSpan? MaxDuration { get; init; }

    /// <inheritdoc />
    public override IEnumerable<OptionProblem> Check()
    {
        if (Workload is { Kind: not ("deployment" or "statefulset" or "replicaset") })
        {
            yield return new OptionProblem("workload", $"{Workload.Kind} has no number of replicas", "name a deployment, statefulset or replicaset");
        }
    }
}
