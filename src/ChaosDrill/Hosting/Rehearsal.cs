using System.Text.Json.Serialization;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model;
using ChaosDrill.Model.Measures;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Model.Timelines;
using ChaosDrill.Reports;
using ChaosDrill.Reports.Playbooks;

namespace ChaosDrill.Hosting;

/// <summary>
/// The commands of a playbook, tried in a drill: what detects and looks for the cause while the cluster is broken, the rest when it
/// has recovered. What only reads is run; what changes something is a dry run on the server. Nothing of it decides the drill.
/// </summary>
/// <param name="Disaster">The playbook.</param>
/// <param name="Commands">Its commands, without those for other machines.</param>
internal sealed record Rehearsal(string Disaster, IReadOnlyList<PlaybookCommand> Commands)
{
    /// <summary>The label that a drill with a rehearsal carries.</summary>
    private const string Label = "rehearsed";

    /// <summary>Reads a playbook.</summary>
    /// <param name="file">A playbook that ChaosDrill wrote.</param>
    /// <param name="choice">The cluster that its commands must name.</param>
    /// <param name="scenario">The name of the scenario that is drilled: its drill proves nothing about another's disaster.</param>
    /// <exception cref="CommandException">It is none, or is written for another cluster or other scenarios.</exception>
    public static Rehearsal Of(string file, ClusterChoice choice, string scenario)
    {
        try
        {
            var text = File.ReadAllText(file);
            var seal = PlaybookSeal.Read(text)
                ?? throw new CommandException(ExitCode.BadUsage, $"{file}: ChaosDrill did not write this playbook; write one with: chaosdrill playbook SCENARIO");
            if (!seal.Scenarios.ContainsKey(scenario))
            {
                throw new CommandException(
                    ExitCode.BadUsage,
                    $"{file} is the playbook of {(seal.Scenarios.Count == 0 ? "no scenario" : string.Join(", ", seal.Scenarios.Keys))}, not of {scenario}: a drill proves only commands for what it breaks; write its own with: chaosdrill playbook SCENARIO");
            }

            var (named, wanted) = (seal.Names.GetValueOrDefault("cluster"), choice.Context ?? "twin");
            return named == wanted
                ? new Rehearsal(seal.Disaster, [.. PlaybookCommand.Of(text).Where(c => c.Effect != CommandEffect.ByHand)])
                : throw new CommandException(
                    ExitCode.BadUsage,
                    $"{file}: its commands name cluster {named}, the drill is on {wanted}; write it anew with: chaosdrill playbook SCENARIO{(choice.IsTwin ? "" : $" --context {wanted}")}");
        }
        catch (ReportException e)
        {
            throw new CommandException(ExitCode.BadUsage, $"{file}: {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.BadUsage, $"cannot read the playbook {file}: {FileFaults.Explain(e, file)}", e);
        }
    }

    /// <summary>A scenario with the rehearsal in it: after its last fault, and after its last step.</summary>
    public Scenario Into(Scenario scenario)
    {
        var steps = scenario.Spec.Steps.ToList();
        var (broken, rest) = (Commands.Where(c => IsLooking(c) || GoesBack(c)).ToList(), Commands.Where(c => !IsLooking(c)).ToList());
        steps.Insert(steps.FindLastIndex(s => s.Action.IsFault) + 1, StepOf("Rehearse the playbook: detection and triage", broken));
        steps.Add(StepOf("Rehearse the playbook: the other commands", rest));
        return scenario with
        {
            Metadata = scenario.Metadata with { Labels = new Dictionary<string, string>(scenario.Metadata.Labels) { [Label] = Disaster } },
            Spec = scenario.Spec with { Steps = steps },
        };
    }

    // Sections 1 and 2 are for a cluster that is broken.
    private static bool IsLooking(PlaybookCommand command) => command.Section is ['1' or '2', '.', ..];

    // Tried in both states: once the drill has gone back itself, there may be nothing left to go back from.
    private static bool GoesBack(PlaybookCommand command) => command.Text.Contains(" rollout undo ", StringComparison.Ordinal);

    private static Step StepOf(string name, IReadOnlyList<PlaybookCommand> commands) =>
        new() { Name = name, Action = new Rehearse { Kind = "rehearse", Commands = commands } };
}

/// <summary>A step that runs commands of a playbook; scenarios cannot ask for it, <c>run --playbook</c> puts it in.</summary>
internal sealed record Rehearse : StepAction
{
    /// <summary>The commands, in order.</summary>
    public required IReadOnlyList<PlaybookCommand> Commands { get; init; }

    /// <inheritdoc />
    [JsonIgnore]
    public override bool IsFault => false;

    /// <inheritdoc />
    [JsonIgnore]
    public override bool KeepsRealTime => true;
}

/// <summary>Runs commands of a playbook without a shell, each with a time limit.</summary>
/// <param name="step">Says which.</param>
/// <param name="kubeconfig">The file that <c>kubectl</c> is to use; null is its own choice, as with the person who pastes the command.</param>
/// <param name="clock">The drill's clock.</param>
internal sealed class RehearseActivity(Rehearse step, string? kubeconfig, TimeProvider clock) : IActivity
{
    /// <summary>Somebody at a terminal waits about as long before the next idea.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    /// <inheritdoc />
    public IReadOnlyList<AccessNeed> Needs => [];

    /// <inheritdoc />
    public Task<ActivityPlan> PlanAsync(Random random, CancellationToken cancellationToken) => Task.FromResult(new ActivityPlan(
        $"run {step.Commands.Count(c => c.Effect == CommandEffect.Look)} commands that read, dry-run {step.Commands.Count(c => c.Effect == CommandEffect.Change)} that change something",
        [], null,
        [
            .. step.Commands.Select(c => CommandWords.Of(c.Text)?[0]).OfType<string>().Distinct().Where(p => ProgramPath.Find(p) is null)
                .Select(p => new Refusal(RefusalKind.Missing, $"program {p}, which the playbook's commands call, is not on this machine", "install it, or leave out --playbook")),
        ]));

    /// <inheritdoc />
    public async Task<ActivityOutcome> RunAsync(ActivityPlan plan, IActivityReport report, CancellationToken cancellationToken)
    {
        foreach (var command in step.Commands.DistinctBy(c => c.Text))
        {
            var name = FigureNames.Command + command.Text;
            var (took, failure) = await TryAsync(command, cancellationToken);
            if (failure is null)
            {
                report.Figure(name, MeasureUnit.Seconds, took.TotalSeconds);
            }
            else
            {
                report.FigureUnknown(name, MeasureUnit.Seconds, failure);
            }
        }

        return ActivityOutcome.Done;
    }

    private async Task<(TimeSpan Took, string? Failure)> TryAsync(PlaybookCommand command, CancellationToken cancellationToken)
    {
        const int Quoted = 200;
        if (CommandWords.Of(command.Text) is not { } words)
        {
            return (default, "it needs a shell, and was not run");
        }

        var call = new ProgramCall
        {
            Program = words[0],
            Arguments = [.. words.Skip(1), .. command.Effect == CommandEffect.Change ? ["--dry-run=server"] : Array.Empty<string>()],
            Environment = kubeconfig is null ? new Dictionary<string, string?>() : new Dictionary<string, string?> { ["KUBECONFIG"] = kubeconfig },
            Timeout = Limit,
            OwnSession = true,
        };
        try
        {
            var result = await RunningProgram.RunAsync(call, clock, cancellationToken);
            return (result.Took, result.ExitCode switch
            {
                0 => null,
                null => $"it did not end within {GoDuration.Format(Limit)}",
                var code => $"it ended with exit code {code}: {(result.Errors.Trim() is { Length: > Quoted } said ? said[..Quoted] : result.Errors.Trim())}",
            });
        }
        catch (ProgramException e)
        {
            return (default, $"it {e.Message}");
        }
    }
}
