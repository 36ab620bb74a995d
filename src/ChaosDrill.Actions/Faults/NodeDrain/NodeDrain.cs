using ChaosDrill.Actions.Faults.Nodes;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Faults.NodeDrain;

/// <summary>
/// Cordons nodes and evicts their pods, as <c>kubectl drain</c> does and with its filters. Where a disruption budget holds
/// an eviction back, it goes on the moment the budget allows one. Undo uncordons; the pods' controllers replace them.
/// </summary>
public sealed record NodeDrain : StepAction
{
    /// <summary>Name of the node.</summary>
    public string? Node { get; init; }

    /// <summary>Labels of the nodes, as kubectl takes them; every node that matches is drained, one after another.</summary>
    public string? Selector { get; init; }

    /// <summary>Whether pods of daemon sets are left alone; otherwise they forbid the drain.</summary>
    public bool IgnoreDaemonSets { get; init; }

    /// <summary>Whether pods with an emptyDir volume may go, data and all; otherwise they forbid the drain.</summary>
    public bool DeleteEmptyDirData { get; init; }

    /// <summary>Whether pods without a controller may go, for good; otherwise they forbid the drain.</summary>
    public bool Force { get; init; }

    /// <summary>Time the pods get to end by themselves; without it, the pods' own.</summary>
    public TimeSpan? GracePeriod { get; init; }

    /// <summary>Only pods with these labels are evicted.</summary>
    public string? PodSelector { get; init; }

    /// <summary>How long budgets may hold an eviction back before the step fails, 1s to 24h.</summary>
    [Between("1s", "24h")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Whether pods are deleted instead of evicted, past every disruption budget.</summary>
    public bool DisableEviction { get; init; }

    /// <summary>How long the node stays cordoned before it is put back, 1s to 168h. Without it, until an undo step or the end of the drill.</summary>
    [Between("1s", "168h")]
    public TimeSpan? MaxDuration { get; init; }

    /// <inheritdoc />
    public override IEnumerable<OptionProblem> Check()
    {
        foreach (var problem in NodeChoice.Check(Node, Selector))
        {
            yield return problem;
        }

        if (GracePeriod is { } grace && grace.Ticks % TimeSpan.TicksPerSecond != 0)
        {
            yield return new OptionProblem("gracePeriod", "Kubernetes counts grace periods in whole seconds", "write 0s, 1s, 30s");
        }
    }
}
