using ChaosDrill.Actions.Faults.Nodes;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Faults.NodeTaint;

/// <summary>Taints nodes, as <c>kubectl taint</c> does: new pods that do not tolerate it stay away, and with <c>noExecute</c> running ones must go.</summary>
public sealed record NodeTaint : StepAction
{
    /// <summary>Name of the node.</summary>
    public string? Node { get; init; }

    /// <summary>Labels of the nodes, as kubectl takes them; every node that matches is tainted.</summary>
    public string? Selector { get; init; }

    /// <summary>Key of the taint.</summary>
    public string Key { get; init; } = "chaosdrill.dev/drill";

    /// <summary>Value of the taint.</summary>
    public string? Value { get; init; }

    /// <summary>What the taint does.</summary>
    public TaintEffect Effect { get; init; } = TaintEffect.NoSchedule;

    /// <summary>How long it lasts before it is put back, 1s to 168h. Without it, until an undo step or the end of the drill.</summary>
    [Between("1s", "168h")]
    public TimeSpan? MaxDuration { get; init; }

    /// <inheritdoc />
    public override IEnumerable<OptionProblem> Check()
    {
        if (string.IsNullOrWhiteSpace(Key))
        {
            yield return new OptionProblem("key", "a taint has a key", "write key: example.com/broken");
        }

        foreach (var problem in NodeChoice.Check(Node, Selector))
        {
            yield return problem;
        }
    }
}

/// <summary>What a taint does to pods that do not tolerate it.</summary>
public enum TaintEffect
{
    /// <summary>No new ones.</summary>
    NoSchedule,

    /// <summary>No new ones if they fit elsewhere.</summary>
    PreferNoSchedule,

    /// <summary>No new ones, and those that run are evicted.</summary>
    NoExecute,
}
