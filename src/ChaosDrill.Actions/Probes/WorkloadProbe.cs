using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Probes;

/// <summary>Counts the ready pods of a workload by asking the API server. All desired pods ready is a success.</summary>
public sealed record WorkloadProbe : ProbeTarget
{
    /// <summary>The workload: <c>deployment/NAME</c>, <c>statefulset/NAME</c>, <c>daemonset/NAME</c> or <c>replicaset/NAME</c>.</summary>
    public required WorkloadReference Of { get; init; }

    /// <inheritdoc />
    public override IEnumerable<OptionProblem> Check()
    {
        if (Of.IsProbe)
        {
            yield return new OptionProblem("of", "a probe cannot count the pods of a probe", "name a workload, such as deployment/storefront");
        }
    }

    /// <inheritdoc />
    public override bool AsksCluster => true;
}
