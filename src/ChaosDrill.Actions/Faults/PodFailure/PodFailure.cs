using ChaosDrill.Actions.Faults.PodKill;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Faults.PodFailure;

/// <summary>
/// Gives running pods an image that cannot start; they stay where they are and fail there, until undo puts their images
/// back and the kubelet starts their containers again. Proved when a container waits for the image and the pod is not ready.
/// </summary>
public sealed record PodFailure : StepAction
{
    /// <summary>Label selector of the candidates, as kubectl takes it: <c>app=storefront,tier!=batch</c>.</summary>
    public required string Selector { get; init; }

    /// <summary>How many of the candidates fail.</summary>
    public PodKillMode Mode { get; init; } = PodKillMode.One;

    /// <summary>The number for mode <c>fixed</c>, or the percentage for mode <c>percent</c> (rounded down, but at least one).</summary>
    public Amount? Value { get; init; }

    /// <summary>The image that cannot be pulled; every container of the pods gets it.</summary>
    public string Image { get; init; } = "invalid.example/chaosdrill/cannot-start:none";

    /// <summary>How long it lasts before it is put back, 1s to 168h. Without it, until an undo step or the end of the drill.</summary>
    [Between("1s", "168h")]
    public TimeSpan? MaxDuration { get; init; }

    /// <inheritdoc />
    public override IEnumerable<OptionProblem> Check()
    {
        if (string.IsNullOrWhiteSpace(Image))
        {
            yield return new OptionProblem("image", "an image has a name", "leave image out, or write image: invalid.example/none:1");
        }

        foreach (var problem in new PodKill.PodKill { Selector = Selector, Mode = Mode, Value = Value }.Check())
        {
            yield return problem;
        }
    }
}
