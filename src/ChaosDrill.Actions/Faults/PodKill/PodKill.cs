using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Faults.PodKill;

/// <summary>Deletes pods that a controller will replace. The effect is proved when the pod's uid is gone.</summary>
public sealed record PodKill : StepAction
{
    /// <summary>Label selector of the candidates, as kubectl takes it: <c>app=storefront,tier!=batch</c>.</summary>
    public required string Selector { get; init; }

    /// <summary>How many of the candidates are killed.</summary>
    public PodKillMode Mode { get; init; } = PodKillMode.One;

    /// <summary>The number for mode <c>fixed</c>, or the percentage for mode <c>percent</c> (rounded down, but at least one).</summary>
    public Amount? Value { get; init; }

    /// <summary>Time the pods get to end by themselves; <c>0s</c> removes them at once. Without it, the pods' own.</summary>
    public TimeSpan? GracePeriod { get; init; }

    /// <inheritdoc />
    public override IEnumerable<OptionProblem> Check()
    {
        if (string.IsNullOrWhiteSpace(Selector))
        {
            yield return new OptionProblem("selector", "an empty selector matches every pod of the namespace", "name a label, such as app=storefront");
        }

        if (Mode == PodKillMode.Fixed && Value is not { Count: > 0 })
        {
            yield return new OptionProblem("value", "mode fixed needs a number of at least 1", "write value: 2");
        }
        else if (Mode == PodKillMode.Percent && Value is not { Share.Value: > 0 })
        {
            yield return new OptionProblem("value", "mode percent needs a percentage above 0%", "write value: 50%");
        }
        else if (Mode is PodKillMode.One or PodKillMode.All && Value is not null)
        {
            yield return new OptionProblem("value", $"mode {(Mode == PodKillMode.One ? "one" : "all")} takes no value", "leave value out, or choose mode fixed or percent");
        }

        if (GracePeriod is { } grace && grace.Ticks % TimeSpan.TicksPerSecond != 0)
        {
            yield return new OptionProblem("gracePeriod", "Kubernetes counts grace periods in whole seconds", "write 0s, 1s, 30s");
        }
    }
}

/// <summary>How many of the candidates are killed.</summary>
public enum PodKillMode
{
    /// <summary>One, chosen by the seed.</summary>
    One,

    /// <summary>The number in <c>value</c>, chosen by the seed.</summary>
    Fixed,

    /// <summary>The percentage in <c>value</c>, chosen by the seed.</summary>
    Percent,

    /// <summary>All of them.</summary>
    All,
}
