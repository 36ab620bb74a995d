using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Faults.NetworkPartition;

/// <summary>
/// Keeps some pods of the namespace from reaching others, by a network policy on the latter that lets in everybody else in
/// the cluster. Proved from inside the pods: a command that reached the others before no longer does. Where the network
/// does not enforce policies, or another policy lets them in, that is not seen, and the drill is inconclusive.
/// </summary>
/// <remarks>Who comes from outside the cluster is kept out as well, except where the network always lets its nodes in.</remarks>
public sealed record NetworkPartition : StepAction
{
    /// <summary>Labels of the pods that are cut off: <c>app=storefront</c>.</summary>
    public required string From { get; init; }

    /// <summary>Labels of the pods that they no longer reach: <c>app=catalog</c>.</summary>
    public required string To { get; init; }

    /// <summary>Whether the pods of <c>to</c> are kept from reaching those of <c>from</c>, too.</summary>
    public PartitionDirection Direction { get; init; } = PartitionDirection.OneWay;

    /// <summary>
    /// The command that proves it, run in the pods of <c>from</c> without a shell: exit code 0 when it reaches a pod of
    /// <c>to</c>. <c>{ip}</c> stands for that pod's address and <c>{port}</c> for its first port. With <c>bothWays</c> it is run the other way round as well. Default: <c>nc -z -w 1 {ip} {port}</c>.
    /// </summary>
    public IReadOnlyList<string> ProofCommand { get; init; } = ["nc", "-z", "-w", "1", "{ip}", "{port}"];

    /// <summary>The container that the command is run in; needed where a pod has several.</summary>
    public string? Container { get; init; }

    /// <summary>How long it lasts before it is put back, 1s to 168h. Without it, until an undo step or the end of the drill.</summary>
    [Between("1s", "168h")]
    public TimeSpan? MaxDuration { get; init; }

    /// <inheritdoc />
    public override IEnumerable<OptionProblem> Check()
    {
        foreach (var (field, selector) in new[] { ("from", From), ("to", To) })
        {
            if (PartitionPolicy.Parse(selector) is null)
            {
                yield return new OptionProblem(field, $"\"{selector}\" is no list of labels", "write labels as KEY=VALUE, several with commas: app=storefront,tier=web");
            }
        }

        if (ProofCommand.Count == 0 || ProofCommand[0].Length == 0)
        {
            yield return new OptionProblem("proofCommand", "without a command nothing proves the partition", "leave proofCommand out, or write proofCommand: [PROGRAM, ARGUMENT, ...]");
        }
    }
}

/// <summary>Who no longer reaches whom.</summary>
public enum PartitionDirection
{
    /// <summary>The pods of <c>from</c> no longer reach those of <c>to</c>.</summary>
    OneWay,

    /// <summary>Neither side reaches the other.</summary>
    BothWays,
}
