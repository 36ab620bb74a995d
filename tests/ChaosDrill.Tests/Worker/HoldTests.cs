using System.Text.RegularExpressions;
using ChaosDrill.Model.Drills;
using ChaosDrill.Store;
using ChaosDrill.Store.Tests;

namespace ChaosDrill.Tests.Worker;

/// <summary>People who speak with a drill that a worker runs: with its worker, or with another one of the same store.</summary>
public sealed partial class HoldTests(PostgresServer postgres)
{
    private const string Held = """
        apiVersion: chaosdrill.dev/v1
        kind: Scenario
        metadata: { name: held }
        spec:
          cluster: { namespace: field }
          steadyState: [ { workload: deployment/web } ]
          steps:
            - hold: { question: Go on?, timeout: 5m }
            - name: Scale to zero
              scale: { workload: deployment/web, replicas: 0, maxDuration: 5m }
            - undo: { step: Scale to zero }
            - awaitRecovery: { of: [deployment/web], stableFor: 500ms, timeout: 2m }
          objectives:
            - recoveryTime: { of: deployment/web, atMost: 1m }
        """;

    [Theory]
    [InlineData("yes", DrillOutcome.Pass)]
    [InlineData("no", DrillOutcome.Fail)]
    public async Task Answer_ToTheWorker_IsTheHoldsAndWatchersSeeIt(string answer, DrillOutcome outcome)
    {
        await using var field = await WorkerField.LayAsync();
        File.WriteAllText(Path.Combine(field.Scenarios, "held.yaml"), Held);
        using var worker = field.Start();
        var url = Listens().Match(await worker.UntilAsync("worker is ready")).Groups[1].Value;
        using var watcher = field.Watch(url);
        var id = field.Ask("held");
        var drill = (await field.UntilAsync(id, f => f.Drill is not null)).Drill!;
        await watcher.UntilAsync("Go on?");

        Assert.Equal(64, (await field.RunAsync("drills", "answer", drill, "perhaps", "--worker", url)).Code);
        var told = await field.RunAsync("drills", "answer", drill, answer, "--worker", url);
        Assert.Equal((0, ""), (told.Code, told.Error));
        await field.UntilAsync(id, f => f.State == FiringState.Ended);
        await watcher.UntilAsync(outcome.ToString().ToUpperInvariant());
        using var store = DrillStore.OpenReadOnly(field.StorePath);
        Assert.Equal(outcome, store.History()[0].Outcome);

        // Nothing waits any more.
        var late = await field.RunAsync("drills", "answer", drill, "yes", "--worker", url);
        Assert.Equal(3, late.Code);
        Assert.Contains("does not run", late.Error, StringComparison.Ordinal);
        watcher.Signal("INT");
        Assert.Equal(0, (await watcher.EndAsync()).Code);
        worker.Signal("TERM");
        Assert.Equal(0, (await worker.EndAsync()).Code);
        field.AssertClean();
    }

    [Fact]
    public async Task AnswerAndAbort_ToAnotherWorker_ReachTheDrill()
    {
        await using var field = await WorkerField.LayAsync(postgres.NewStore());
        File.WriteAllText(Path.Combine(field.Scenarios, "held.yaml"), Held);
        field.Write(waits: "5m");
        var id = field.Ask("held");
        using var runs = field.Start();
        await runs.UntilAsync("step begins drill=");
        using var other = field.Start();
        var url = Listens().Match(await other.UntilAsync("worker is ready")).Groups[1].Value;
        using var watcher = field.Watch(url);
        await watcher.UntilAsync("Go on?");
        var drill = (await field.UntilAsync(id, f => f.Drill is not null)).Drill!;

        Assert.Equal(0, (await field.RunAsync("drills", "answer", drill, "yes", "--worker", url)).Code);
        Assert.StartsWith("Pass", (await field.UntilAsync(id, f => f.State == FiringState.Ended)).Reason, StringComparison.Ordinal);
        await watcher.UntilAsync("PASS");
        await runs.UntilAsync("hold answered: yes");

        // Whoever gets the next one is told by both.
        var next = await field.UntilAsync(field.Ask(), f => f.Drill is not null);
        await watcher.UntilAsync("took effect");
        var aborted = await field.RunAsync("drills", "abort", next.Drill!, "--reason", "enough", "--worker", url);
        Assert.Equal((0, ""), (aborted.Code, aborted.Error));
        Assert.Contains(": enough", (await field.UntilAsync(next.Id, f => f.State == FiringState.Ended)).Reason, StringComparison.Ordinal);
        foreach (var worker in new[] { runs, other })
        {
            worker.Signal("TERM");
            Assert.Equal(0, (await worker.EndAsync()).Code);
        }

        field.AssertClean();
    }

    [GeneratedRegex("worker listens url=(\\S+)")]
    private static partial Regex Listens();
}
