using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Probes;

/// <summary>Runs a command in a ready pod, without a shell. Exit code 0 is a success, any other a failure; a pod that cannot be asked says nothing.</summary>
public sealed record ExecProbe : ProbeTarget
{
    /// <summary>Labels of the pods, as kubectl takes them; the first ready one by name is asked.</summary>
    public required string Selector { get; init; }

    /// <summary>The container; needed where a pod has several.</summary>
    public string? Container { get; init; }

    /// <summary>Program and arguments.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <inheritdoc />
    public override IEnumerable<OptionProblem> Check()
    {
        if (string.IsNullOrWhiteSpace(Selector))
        {
            yield return new OptionProblem("selector", "an empty selector matches every pod of the namespace", "name a label, such as app=storefront");
        }

        if (Command.Count == 0 || Command[0].Length == 0)
        {
            yield return new OptionProblem("command", "there is no program to run", "write command: [PROGRAM, ARGUMENT, ...]");
        }
    }

    /// <inheritdoc />
    public override bool AsksCluster => true;
}
