using ChaosDrill.Actions.Faults.PodKill;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Faults.PodEvict;

/// <summary>Evicts pods, as a drain does: disruption budgets are obeyed, and each eviction goes the moment they allow it. Proved when the pod's uid is gone.</summary>
public sealed record PodEvict : StepAction
{
    /// <summary>Label selector of the candidates, as kubectl takes it: <c>app=storefront,tier!=batch</c>.</summary>
    public required string Selector { get; init; }

    /// <summary>How many of the candidates are evicted.</summary>
    public PodKillMode Mode { get; init; } = PodKillMode.One;

    /// <summary>The number for mode <c>fixed</c>, or the percentage for mode <c>percent</c> (rounded down, but at least one).</summary>
    public Amount? Value { get; init; }

    /// <summary>Time the pods get to end by themselves; <c>0s</c> removes them at once. Without it, the pods' own.</summary>
    public TimeSpan? GracePeriod { get; init; }

    /// <summary>How long budgets may hold an eviction back before the step fails, 1s to 24h.</summary>
    [Between("1s", "24h")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <inheritdoc />
    public override IEnumerable<OptionProblem> Check() =>
        new PodKill.PodKill { Selector = Selector, Mode = Mode, Value = Value, GracePeriod = GracePeriod }.Check();
}
