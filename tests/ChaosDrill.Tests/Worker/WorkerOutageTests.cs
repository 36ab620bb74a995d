using ChaosDrill.Model.Drills;
using ChaosDrill.Store;
using ChaosDrill.Twin;

namespace ChaosDrill.Tests.Worker;

/// <summary>Real worker processes whose cluster is away, or whose disk is full.</summary>
public sealed class WorkerOutageTests
{
    private static bool IsLong => Environment.GetEnvironmentVariable("CHAOSDRILL_TEST_LONG") == "1";

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
            await next.UntilAsync("worker is ready");
            await field.UntilAsync(id, f => f.State == FiringState.Ended);
            next.Signal("TERM");
            Assert.Equal(0, (await next.EndAsync()).Code);
        }

        field.AssertClean();
        using var store = DrillStore.OpenReadOnly(field.StorePath);
        Assert.Equal(DrillOutcome.Inconclusive, store.History()[0].Outcome);
    }

    private static void Run(params string[] command)
    {
        using var process = System.Diagnostics.Process.Start(command[0], command[1..]);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
