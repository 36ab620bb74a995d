using System.Text.Json.Serialization;
using ChaosDrill.Actions.Programs;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Activities.PodCommands;

/// <summary>
/// Runs a command in one ready pod, chosen by the seed, without a shell. Exit code 0 is well; any other fails the drill;
/// when the connection is lost or the time is over it is inconclusive. What it prints is not recorded, and nothing is put back.
/// </summary>
public sealed record Exec : StepAction
{
    /// <summary>Labels of the pods, as kubectl takes them.</summary>
    public required string Selector { get; init; }

    /// <summary>The container; needed where a pod has several.</summary>
    public string? Container { get; init; }

    /// <summary>Program and arguments, handed over one by one.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>How long it may take, 1s to 24h.</summary>
    [Between("1s", "24h")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <inheritdoc />
    [NotInFile]
    [JsonIgnore]
    public override bool IsFault => false;

    /// <inheritdoc />
    public override IEnumerable<OptionProblem> Check()
    {
        if (string.IsNullOrWhiteSpace(Selector))
        {
            yield return new OptionProblem("selector", "an empty selector matches every pod of the namespace", "name a label, such as app=storefront");
        }

        foreach (var problem in HostCommand.Check("command", Command, needed: true))
        {
            yield return problem;
        }
    }
}
