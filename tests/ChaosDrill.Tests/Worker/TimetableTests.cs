using System.Collections.Concurrent;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Store;
using ChaosDrill.Worker;
using Microsoft.Data.Sqlite;

namespace ChaosDrill.Tests.Worker;

/// <summary>What Quartz fires after restarts and steps of the clock on the wall.</summary>
public sealed class TimetableTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("chaosdrill-timetable");
    private readonly ConcurrentQueue<(string Name, DateTimeOffset At)> _fired = new();
    private readonly SteppedClock _clock = new();

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Restart_AfterHoursAway_RunsOnceWhatIsToRunOnceAndSkipsTheRest()
    {
        await using (var first = await OpenAsync(new Due("skips", MissedRun.Skip), new Due("once", MissedRun.RunOnce)))
        {
            await first.StartAsync();
        }

        Assert.Empty(_fired);
        _clock.Step(TimeSpan.FromHours(5));
        await using var second = await OpenAsync(new Due("skips", MissedRun.Skip), new Due("once", MissedRun.RunOnce));
        await second.StartAsync();
        await FiredAsync(1);

        // Another round of Quartz' own, so that a second firing would have had its time.
        await Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System);
        Assert.Equal("once", Assert.Single(_fired).Name);
    }

    [Fact]
    public async Task Clock_SteppedForward_FiresOnceAndBack_FiresNothingTwice()
    {
        await using var timetable = await OpenAsync(new Due("hourly", MissedRun.RunOnce));
        await timetable.StartAsync();
        _clock.Step(_clock.UntilNextHour + TimeSpan.FromSeconds(5));
        await FiredAsync(1);
        var at = Assert.Single(_fired).At;

        _clock.Step(-TimeSpan.FromMinutes(10));
        await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System);
        _clock.Step(TimeSpan.FromMinutes(10));
        await Task.Delay(TimeSpan.FromSeconds(7), TimeProvider.System);

        Assert.Equal(at, Assert.Single(_fired).At);
    }

    [Fact]
    public async Task Apply_ChangedSchedule_IsAnotherAndAGoneOneFiresNoMore()
    {
        await using var timetable = await OpenAsync(new Due("stays", MissedRun.Skip), new Due("goes", MissedRun.Skip));
        await timetable.StartAsync();
        await timetable.ApplyAsync([Scenario(new Due("stays", MissedRun.RunOnce))]);
        _clock.Step(_clock.UntilNextHour + TimeSpan.FromSeconds(1));
        await FiredAsync(1);

        Assert.Equal("stays", Assert.Single(_fired).Name);
    }

    [Fact]
    public async Task Crash_WhileAFiringWasHandedOver_FiresItAgainWithItsOldTimeHoweverLate()
    {
        var never = new TaskCompletionSource();
        await using var first = await OpenFileAsync("schedule.db", () => never.Task, new Due("hourly", MissedRun.Skip));
        await first.StartAsync();
        _clock.Step(_clock.UntilNextHour);
        await FiredAsync(1);

        // What a process that died just now would have left on disk.
        foreach (var file in Directory.EnumerateFiles(_folder.FullName, "schedule.db*").ToList())
        {
            File.Copy(file, file.Replace("schedule.db", "copy.db", StringComparison.Ordinal));
        }

        _clock.Step(TimeSpan.FromMinutes(7));
        await using (var second = await OpenFileAsync("copy.db", () => Task.CompletedTask, new Due("hourly", MissedRun.Skip)))
        {
            await second.StartAsync();
            await FiredAsync(2);
        }

        never.SetResult();
        Assert.Equal(_fired.First(), _fired.Last());
    }

    [Fact]
    public async Task Apply_ManyAtOnce_AllFireAndAreStoredAsQuartzStoresOne()
    {
        var names = Enumerable.Range(0, 50).Select(i => $"s{i:00}").ToList();
        await using (var timetable = await OpenAsync([.. names.Select(n => new Due(n, MissedRun.Skip)), new Due("by-quartz", MissedRun.RunOnce)]))
        {
            using (var connection = new SqliteConnection($"Data Source={Path.Combine(_folder.FullName, "schedule.db")};Pooling=False"))
            {
                connection.Open();
                using var command = connection.CreateCommand();
                command.CommandText = "SELECT count(*), count(DISTINCT next_fire_time), count(DISTINCT trigger_type), count(DISTINCT cron_expression), count(DISTINCT time_zone_id), count(DISTINCT trigger_state) FROM qrtz_triggers JOIN qrtz_cron_triggers USING (sched_name, trigger_name, trigger_group)";
                using var row = command.ExecuteReader();
                Assert.True(row.Read());
                Assert.Equal((51L, 1L, 1L, 1L, 1L, 1L), (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5)));
            }

            await timetable.StartAsync();
            _clock.Step(_clock.UntilNextHour - TimeSpan.FromSeconds(1));
            await FiredAsync(51);
        }

        Assert.Equal([.. names.Append("by-quartz").Order(StringComparer.Ordinal)], _fired.Select(f => f.Name).Order(StringComparer.Ordinal));
        Assert.All(_fired, f => Assert.Equal((0, 0), (f.At.Minute, f.At.Second)));
    }

    private Task<Timetable> OpenAsync(params Due[] due) => OpenFileAsync("schedule.db", () => Task.CompletedTask, due);

    private async Task<Timetable> OpenFileAsync(string file, Func<Task> handedOver, params Due[] due)
    {
        using (DrillStore.Open(Path.Combine(_folder.FullName, "drills.db")))
        {
            // Binds the system's SQLite.
        }

        var timetable = await Timetable.OpenAsync(
            Path.Combine(_folder.FullName, file),
            (name, at, _) =>
            {
                _fired.Enqueue((name, at));
                return handedOver();
            },
            _clock);
        await timetable.ApplyAsync(due.Select(Scenario));
        return timetable;
    }

    private async Task FiredAsync(int count)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2), TimeProvider.System);
        while (_fired.Count < count)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, limit.Token);
        }
    }

    private static Scenario Scenario(Due due) => new()
    {
        ApiVersion = "chaosdrill.dev/v1",
        Kind = "Scenario",
        Metadata = new ScenarioMetadata { Name = due.Name },
        Spec = new ScenarioSpec
        {
            Cluster = new ClusterSpec { Namespace = "shop" },
            Schedule = new ScheduleSpec { Cron = "0 * * * *", Missed = due.Missed },
            Steps = [],
            Objectives = [],
        },
    };

    private sealed record Due(string Name, MissedRun Missed);

    /// <summary>The real clock, and a hand on its wall side. It starts half past an hour.</summary>
    private sealed class SteppedClock : TimeProvider
    {
        private long _shift;

        public SteppedClock()
        {
            var now = System.GetUtcNow();
            _shift = (new DateTimeOffset(now.Year, now.Month, now.Day, now.Hour, 30, 0, TimeSpan.Zero) - now).Ticks;
        }

        public TimeSpan UntilNextHour => TimeSpan.FromHours(1) - TimeSpan.FromTicks(GetUtcNow().Ticks % TimeSpan.TicksPerHour);

        public void Step(TimeSpan by) => Interlocked.Add(ref _shift, by.Ticks);

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _shift));
    }
}
