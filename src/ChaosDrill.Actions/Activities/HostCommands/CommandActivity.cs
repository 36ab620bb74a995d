using System.Globalization;
using System.Text.Json.Nodes;
using ChaosDrill.Actions.Programs;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Plans;

namespace ChaosDrill.Actions.Activities.HostCommands;

/// <summary>Runs a scenario's program on this machine; its counterpart is on record before it begins.</summary>
internal sealed class CommandActivity(KubernetesClient client, Command options) : IActivity
{
    public const string UndoKind = "command";

    private readonly HostCommand _run = new(options.Run);

    public IReadOnlyList<AccessNeed> Needs => [];

    public Task<ActivityPlan> PlanAsync(Random random, CancellationToken cancellationToken) => Task.FromResult(new ActivityPlan(
        $"run {_run}", [], options.UndoRun.Count == 0 ? null : $"run {new HostCommand(options.UndoRun)}",
        [
            .. new[] { options.Run, options.UndoRun }.Where(c => c.Count > 0 && ProgramPath.Find(c[0]) is null).Select(c => new Refusal(
                RefusalKind.Missing, $"program {c[0]} is not on this machine", "install it, or correct the name or PATH")),
        ]));

    public async Task<ActivityOutcome> RunAsync(ActivityPlan plan, IActivityReport report, CancellationToken cancellationToken)
    {
        if (options.UndoRun.Count > 0)
        {
            var undo = new HostCommand(options.UndoRun);
            report.RecordUndo(
                UndoKind, $"run {undo.Words[0]}", new JsonObject { ["run"] = undo.ToJson(), ["seconds"] = options.Timeout.TotalSeconds }.ToJsonString());
        }

        return await _run.TryAsync(options.Timeout, client.Clock, cancellationToken) is { } failure ? ActivityOutcome.Failed(failure) : ActivityOutcome.Done;
    }

    /// <summary>Runs the counterpart.</summary>
    public static async Task<string> PutBackAsync(KubernetesClient client, UndoRecord undo, CancellationToken cancellationToken)
    {
        var payload = JsonNode.Parse(undo.Payload)!;
        var command = HostCommand.FromJson(payload["run"]!);
        await command.RunAsync(TimeSpan.FromSeconds((double)payload["seconds"]!), client.Clock, cancellationToken);
        return string.Create(CultureInfo.InvariantCulture, $"{command.Words[0]} was run");
    }
}
