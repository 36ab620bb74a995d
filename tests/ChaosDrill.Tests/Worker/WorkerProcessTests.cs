using ChaosDrill.Model.Drills;
using ChaosDrill.Store;

namespace ChaosDrill.Tests.Worker;

/// <summary>Real worker processes against a cluster that outlives them.</summary>
public sealed class WorkerProcessTests
{
    [Fact]
    public async Task Worker_ScheduleIsDue_RunsTheDrillAndLeavesItsReport()
    {
        await using var field = await WorkerField.LayAsync();
        field.Write(schedule: "cron: \"* * * * *\"");
        using var worker = field.Start();
        await worker.UntilAsync("drill ends: Pass");
        worker.Signal("TERM");
        var ended = await worker.EndAsync();

        Assert.Equal(0, ended.Code);
        field.AssertClean();
        using var store = DrillStore.OpenReadOnly(field.StorePath);
        var firing = store.Firings.Newest(10)[^1];
        Assert.Equal((FiringState.Ended, "schedule", "Pass: the objective is met"), (firing.State, firing.AskedBy, firing.Reason));
        Assert.Equal(0, firing.ScheduledAt.Second);
        Assert.True(File.Exists(Path.Combine(field.Folder, "reports", firing.Drill!, "postmortem.html")));
    }

    [Fact]
    public async Task Worker_OnAStoreThatHasOne_IsRefused()
    {
        await using var field = await WorkerField.LayAsync();
        using var first = field.Start();
        await first.UntilAsync("worker is ready");

        using var second = field.Start();
        var ended = await second.EndAsync();

        Assert.Equal(3, ended.Code);
        Assert.Contains("another worker runs on the store", ended.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task Sigterm_InTheMiddleOfADrill_UndoesIt(int times)
    {
        await using var field = await WorkerField.LayAsync();
        field.Write(waits: "5m");
        var id = field.Ask();
        using var worker = field.Start("--grace", times == 1 ? "20s" : "1h");
        await worker.UntilAsync("step begins drill=");
        for (var i = 0; i < times; i++)
        {
            worker.Signal("TERM");
            await worker.UntilAsync("worker stops: SIGTERM");
        }

        var ended = await worker.EndAsync();

        Assert.Equal(0, ended.Code);
        field.AssertClean();
        using var store = DrillStore.OpenReadOnly(field.StorePath);
        Assert.Equal(FiringState.Ended, store.Firings.Find(id)!.State);
        Assert.Equal((DrillOutcome.Aborted, "the worker was stopped"), (store.History()[0].Outcome!.Value, store.History()[0].Reason));
    }

    [Fact]
    public async Task Sigterm_WhileADrillNearlyEnds_LetsItFinish()
    {
        await using var field = await WorkerField.LayAsync();
        field.Write();
        field.Ask();
        using var worker = field.Start("--grace", "10m");
        await worker.UntilAsync("step begins drill=");
        worker.Signal("TERM");
        var ended = await worker.EndAsync();

        Assert.Equal(0, ended.Code);
        Assert.Contains("drill ends: Pass", ended.Out, StringComparison.Ordinal);
        field.AssertClean();
    }
}
