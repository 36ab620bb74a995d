using System.Text.Json.Serialization;
using ChaosDrill.Actions.Programs;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Activities.HostCommands;

/// <summary>
/// Runs a program without a shell on the machine that runs the drill. Exit code 0 is well; any other fails the drill; a
/// program that cannot be started, or does not end in time, leaves it inconclusive. What it prints is not recorded.
/// </summary>
public sealed record Command : StepAction
{
    /// <summary>Program and arguments, handed over one by one.</summary>
    public required IReadOnlyList<string> Run { get; init; }

    /// <summary>Program and arguments that undo it, run at the end of the drill, on abort, after a crash, or by an undo step. Running it twice must do no harm.</summary>
    public IReadOnlyList<string> UndoRun { get; init; } = [];

    /// <summary>How long each may take, 1s to 24h.</summary>
    [Between("1s", "24h")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <inheritdoc />
    [NotInFile]
    [JsonIgnore]
    public override bool IsFault => false;

    /// <inheritdoc />
    [NotInFile]
    [JsonIgnore]
    public override bool KeepsRealTime => true;

    /// <inheritdoc />
    public override IEnumerable<OptionProblem> Check() => [.. HostCommand.Check("run", Run, needed: true), .. HostCommand.Check("undoRun", UndoRun, needed: false)];
}
