using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Faults.RolloutFailure;

/// <summary>
/// Rolls a deployment out to pods that cannot start: an image that does not exist, a command that ends at once, or a demand
/// that no node meets. Proved when such a pod is seen to fail. The recovery is the undo of the roll-out: add an <c>undo</c> step and time it.
/// </summary>
public sealed record RolloutFailure : StepAction
{
    /// <summary>Name of the deployment.</summary>
    public required string Deployment { get; init; }

    /// <summary>The image that cannot be pulled; every container of the pods gets it.</summary>
    public string? Image { get; init; }

    /// <summary>Whether every container of the pods gets the command <c>false</c>: it ends at once, again and again (<c>CrashLoopBackOff</c>).</summary>
    public bool Crashing { get; init; }

    /// <summary>Whether the pods get a node selector that no node meets.</summary>
    public bool Unschedulable { get; init; }

    /// <summary>How long it lasts before it is put back, 1s to 168h. Without it, until an undo step or the end of the drill.</summary>
    [Between("1s", "168h")]
    public TimeSpan? MaxDuration { get; init; }

    /// <inheritdoc />
    public override IEnumerable<OptionProblem> Check()
    {
        if (new[] { !string.IsNullOrWhiteSpace(Image), Crashing, Unschedulable }.Count(way => way) != 1)
        {
            yield return new OptionProblem(
                "", "the roll-out fails in one way: by its image, by its command or for want of a node", "write image: invalid.example/none:1, crashing: true, or unschedulable: true");
        }
    }
}
