using ChaosDrill.Store;

namespace ChaosDrill.Tests.Worker;

/// <summary>A real worker process on a machine whose clock is set while it runs.</summary>
public sealed class WallClockTests
{
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
}
