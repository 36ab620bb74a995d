using ChaosDrill.Actions.Faults.PodKill;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Faults.ContainerKill;

/// <summary>
/// Ends a container from the inside, by a command that is run in it; its pod stays, and the kubelet starts it again. Proved
/// when another run of the container is seen. There is nothing to put back.
/// </summary>
public sealed record ContainerKill : StepAction
{
    /// <summary>Label selector of the candidates, as kubectl takes it: <c>app=storefront,tier!=batch</c>.</summary>
    public required string Selector { get; init; }

    /// <summary>How many of the candidates lose a container.</summary>
    public PodKillMode Mode { get; init; } = PodKillMode.One;

    /// <summary>The number for mode <c>fixed</c>, or the percentage for mode <c>percent</c> (rounded down, but at least one).</summary>
    public Amount? Value { get; init; }

    /// <summary>Name of the container. Without it, a pod's first.</summary>
    public string? Container { get; init; }

    /// <summary>The command that ends it, run in it without a shell. A first process that handles no SIGTERM does not end by the default, <c>kill 1</c>.</summary>
    public IReadOnlyList<string> Command { get; init; } = ["kill", "1"];

    /// <inheritdoc />
    public override IEnumerable<OptionProblem> Check()
    {
        if (Command.Count == 0 || Command[0].Length == 0)
        {
            yield return new OptionProblem("command", "there is no program to run", "leave command out, or write command: [PROGRAM, ARGUMENT, ...]");
        }

        foreach (var problem in new PodKill.PodKill { Selector = Selector, Mode = Mode, Value = Value }.Check())
        {
            yield return problem;
        }
    }
}
