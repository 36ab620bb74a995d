using ChaosDrill.Model.Drills;
using ChaosDrill.Store;
using ChaosDrill.Twin;

namespace ChaosDrill.Tests.Worker;

/// <summary>Real worker processes against a cluster that outlives them.</summary>
public sealed class WorkerProcessTests
{
    private static bool IsLong => Environment.GetEnvironmentVariable("CHAOSDRILL_TEST_LONG") == "1";

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

    [Fact]
    public async Task Sigkill_AndTheApiServerIsAwayAtTheNextStart_WaitsAndUndoesThen()
    {
        await using var field = await WorkerField.LayAsync();
        field.Write(waits: "5m");
        var id = field.Ask();
        using (var victim = field.Start())
        {
            await victim.UntilAsync("step ends: Done");
            victim.Signal("KILL");
            await victim.EndAsync();
        }

        field.Twin.PauseApi(ApiOutage.Refuse);
        using var next = field.Start();
        await next.UntilAsync("waits for the cluster");
        await next.UntilAsync("worker is ready");
        await Task.Delay(IsLong ? TimeSpan.FromMinutes(1) : TimeSpan.FromSeconds(3), TimeProvider.System);
        using (var store = DrillStore.OpenReadOnly(field.StorePath))
        {
            Assert.Equal(FiringState.Begun, store.Firings.Find(id)!.State);
            Assert.NotEmpty(store.OutstandingUndos());
        }

        field.Twin.ResumeApi();
        await field.UntilAsync(id, f => f.State == FiringState.Ended);
        next.Signal("TERM");
        Assert.Equal(0, (await next.EndAsync()).Code);
        field.AssertClean();
    }

    [Fact]
    public async Task ApiServer_AwayInTheMiddle_EverythingIsPutBackWhenItReturns()
    {
        await using var field = await WorkerField.LayAsync();
        field.Write(waits: "5m");
        var id = field.Ask();
        using var worker = field.Start("--grace", "5m");
        await worker.UntilAsync("step ends: Done");
        field.Twin.PauseApi(ApiOutage.Refuse);
        if (IsLong)
        {
            // Longer than the lock and the drill's own undo wait: the worker goes on trying after the drill has given up.
            await field.UntilAsync(id, f => f.State == FiringState.Ended);
            field.Twin.ResumeApi();
            await worker.UntilAsync("put back: lease");
            worker.Signal("TERM");
        }
        else
        {
            worker.Signal("TERM");
            await Task.Delay(TimeSpan.FromSeconds(5), TimeProvider.System);
            worker.Signal("TERM");
            await Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System);
            field.Twin.ResumeApi();
        }

        Assert.Equal(0, (await worker.EndAsync()).Code);
        field.AssertClean();
    }

    [Fact]
    public async Task Disk_FullForAWhile_TheDrillIsUndoneAndTheWorkerGoesOnWhenThereIsRoom()
    {
        Assert.SkipUnless(Environment.UserName == "root", "to mount a file system takes root");
        var disk = Directory.CreateTempSubdirectory("chaosdrill-disk").FullName;
        Run("mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", disk);
        try
        {
            await using var field = await WorkerField.LayAsync(Path.Combine(disk, "drills.db"));
            field.Write(waits: "5m", probes: $"{{ name: api, tcp: {{ host: 127.0.0.1, port: {new Uri(field.Cluster).Port} }}, every: 100ms, timeout: 1s }}");
            var id = field.Ask();
            using var worker = field.Start("--grace", "30s");
            await worker.UntilAsync("step ends: Done");
            var filler = Path.Combine(disk, "filler");
            Run("sh", "-c", $"dd if=/dev/zero of={filler} bs=4k 2>/dev/null; true");
            await worker.UntilAsync("waits for the store");

            // Put back while there is no room to say so.
            Assert.Contains("\"replicas\":2", field.Get("/apis/apps/v1/namespaces/field/deployments/web").Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
            File.Delete(filler);
            await field.UntilAsync(id, f => f.State == FiringState.Ended);
            field.Write();
            await Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System);
            Assert.StartsWith("Pass", (await field.UntilAsync(field.Ask(), f => f.State == FiringState.Ended)).Reason, StringComparison.Ordinal);
            worker.Signal("TERM");
            Assert.Equal(0, (await worker.EndAsync()).Code);
            field.AssertClean();
            using var store = DrillStore.OpenReadOnly(field.StorePath);
            Assert.Equal(DrillOutcome.Inconclusive, store.History()[1].Outcome);
        }
        finally
        {
            Run("umount", "-l", disk);
            Directory.Delete(disk);
        }
    }

    /// <remarks>The clock on the wall is that of libfaketime, which the worker's process asks instead of the kernel's; the monotonic clock is the real one.</remarks>
    [Fact]
    public async Task WallClock_SteppedInTheMiddle_ChangesNoMeasureAndFiresNothingTwice()
    {
        var library = Directory.Exists("/usr/lib") ? Directory.GetDirectories("/usr/lib", "*-linux-gnu*").Select(d => Path.Combine(d, "faketime", "libfaketimeMT.so.1")).FirstOrDefault(File.Exists) : null;
        Assert.SkipWhen(library is null, "Debian's package libfaketime is not installed: apt-get install -y libfaketime");
        var night = new DateTimeOffset(TimeProvider.System.GetUtcNow().Date, TimeSpan.Zero).AddDays(2).AddHours(3);
        await using var field = await WorkerField.LayAsync();
        field.Write(waits: "4s", schedule: "cron: \"0 3 * * *\"");
        field.Write(schedule: "cron: \"0 4 * * *\", missed: runOnce", name: "late");
        var hand = Path.Combine(field.Folder, "clock");
        void Set(DateTimeOffset wall)
        {
            File.WriteAllText(hand + ".new", $"{(long)(wall - TimeProvider.System.GetUtcNow()).TotalSeconds:+0;-0}");
            File.Move(hand + ".new", hand, overwrite: true);
        }

        Set(night.AddMinutes(-2));
        using var worker = field.StartLimited($"export LD_PRELOAD={library} FAKETIME_TIMESTAMP_FILE={hand} FAKETIME_NO_CACHE=1 NO_FAKE_STAT=1 FAKETIME_DONT_FAKE_MONOTONIC=1");
        await worker.UntilAsync("worker is ready");
        Set(night.AddSeconds(-3));
        await worker.UntilAsync("step ends: Done");

        // Half an hour forward while pods are away, and an hour back before they return.
        Set(night.AddMinutes(30));
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
        Set(night.AddMinutes(-30));
        await worker.UntilAsync("drill ends: Pass");
        using var store = DrillStore.OpenReadOnly(field.StorePath);
        var first = Assert.Single(store.Firings.Newest(10));
        Assert.Equal(night, first.ScheduledAt);
        Assert.All(store.Read(first.Drill!)!.Timeline, e => Assert.InRange(e.At, TimeSpan.Zero, TimeSpan.FromMinutes(10)));

        // The same minute comes again, and brings nothing.
        Set(night.AddSeconds(-3));
        await Task.Delay(TimeSpan.FromSeconds(12), TimeProvider.System);
        Assert.Equal(first.Id, Assert.Single(store.Firings.Newest(10)).Id);

        // Over the next night: what was jumped over was missed, and is made up for where the scenario says so.
        Set(night.AddDays(1).AddHours(5));
        await worker.UntilAsync("drill ends: Pass drill=late-");
        worker.Signal("TERM");
        Assert.Equal(0, (await worker.EndAsync()).Code);
        Assert.Equal(["late", WorkerField.Name], store.Firings.Newest(10).Select(f => f.Scenario));
        field.AssertClean();
    }

    private static void Run(params string[] command)
    {
        using var process = System.Diagnostics.Process.Start(command[0], command[1..]);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    [Fact]
    public async Task Disk_FullInTheMiddle_TheDrillIsUndoneAndTheNextStartSettlesIt()
    {
        await using var field = await WorkerField.LayAsync();
        field.Write(waits: "5m", probes: $"{{ name: api, tcp: {{ host: 127.0.0.1, port: {new Uri(field.Cluster).Port} }}, every: 10ms, timeout: 1s }}");
        var id = field.Ask();
        using (var worker = field.StartLimited("trap '' XFSZ; ulimit -f 4000", "--grace", "10s"))
        {
            await worker.UntilAsync("waits for the store");
            worker.Signal("TERM");
            await worker.EndAsync();
        }

        using (var next = field.Start())
        {
            await field.UntilAsync(id, f => f.State == FiringState.Ended);
            next.Signal("TERM");
            Assert.Equal(0, (await next.EndAsync()).Code);
        }

        field.AssertClean();
        using var store = DrillStore.OpenReadOnly(field.StorePath);
        Assert.Equal(DrillOutcome.Inconclusive, store.History()[0].Outcome);
    }
}
