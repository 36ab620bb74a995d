using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Store;
using Microsoft.Data.Sqlite;
using Npgsql;
using Quartz;

namespace ChaosDrill.Worker;

/// <summary>When which scenario is due: Quartz, with its triggers on disk, so that a restart knows what was missed.</summary>
internal sealed class Timetable : IAsyncDisposable
{
    /// <summary>A run that is later than this was missed; less is in time.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(1);

    /// <summary>A constant: under another id, Quartz would not find what an earlier process of a file left in the middle.</summary>
    private const string Alone = "worker";

    /// <summary>More than so many new triggers are written by hand.</summary>
    private const int Few = 20;

    private static readonly JobKey Job = new("drill", "chaosdrill");
    private readonly StandaloneSchedulerFactory _factory;
    private readonly IScheduler _scheduler;
    private readonly TriggerRows _rows;
    private readonly TimeProvider _clock;

    private Timetable(StandaloneSchedulerFactory factory, IScheduler scheduler, TriggerRows rows, TimeProvider clock) =>
        (_factory, _scheduler, _rows, _clock) = (factory, scheduler, rows, clock);

    /// <summary>Opens the timetable in a SQLite file of its own, beside the journal.</summary>
    /// <param name="file">The file; made when it is missing.</param>
    /// <param name="fire">Called when a scenario is due, with its name and the time by the schedule.</param>
    /// <param name="clock">The clock on the wall.</param>
    public static async Task<Timetable> OpenAsync(string file, Func<string, DateTimeOffset, CancellationToken, Task> fire, TimeProvider clock)
    {
        var source = new SqliteConnectionStringBuilder { DataSource = file, Pooling = true }.ToString();
        using (var connection = new SqliteConnection(source))
        {
            connection.Open();
            using var wal = connection.CreateCommand();
            wal.CommandText = "PRAGMA journal_mode = WAL";
            wal.ExecuteNonQuery();
        }

        return await OpenAsync(store => store.UseSqlite(SqliteFactory.Instance, source), () => new SqliteConnection(source), Firing.UsualSet, Alone, fire, clock);
    }

    /// <summary>Opens the timetable that all workers of a PostgreSQL store share. Each time is handed to one of them, as a rule; the claim decides.</summary>
    /// <param name="connection">Connection string of the store.</param>
    /// <param name="set">The set of workers that it belongs to: each has schedules of its own.</param>
    /// <param name="worker">This worker, by a name that no other one has or had.</param>
    /// <param name="fire">Called when a scenario is due, with its name and the time by the schedule.</param>
    /// <param name="clock">The clock on the wall.</param>
    public static Task<Timetable> OpenSharedAsync(string connection, string set, string worker, Func<string, DateTimeOffset, CancellationToken, Task> fire, TimeProvider clock) => OpenAsync(
        store =>
        {
            store.UsePostgres(NpgsqlFactory.Instance, connection);
            store.UseClustering(c => (c.CheckinInterval, c.CheckinMisfireThreshold) = (TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(4)));
        },
        () => new NpgsqlConnection(connection), set, worker, fire, clock);

    /// <summary>Makes the stored triggers those of the scenarios. What is unchanged is not touched: its missed times count.</summary>
    public async Task ApplyAsync(IEnumerable<Scenario> scenarios)
    {
        var wanted = scenarios.Where(s => s.Spec.Schedule is not null).ToDictionary(s => Key(s.Metadata.Name, s.Spec.Schedule!), s => s.Spec.Schedule!);
        var stored = (await _scheduler.GetTriggerKeys(GroupMatcher<TriggerKey>.AnyGroup())).Where(k => k.Group.StartsWith("cron-", StringComparison.Ordinal)).ToHashSet();
        await _scheduler.UnscheduleJobs([.. stored.Where(k => !wanted.ContainsKey(k))]);
        var job = JobBuilder.Create<FiringJob>().WithIdentity(Job).StoreDurably().RequestRecovery().Build();
        await _scheduler.AddJob(job, AddJobOptions.Replacing);
        foreach (var alike in wanted.Where(w => !stored.Contains(w.Key)).GroupBy(w => w.Value.Missed))
        {
            List<ICronTrigger> added = [.. alike.Select(w => Trigger(w.Key, w.Value))];
            if (added.Count > Few)
            {
                await ScheduleAsync(job, [added[0]]);
                _rows.Copy(added[0].Key, added.Skip(1), _clock.GetUtcNow());

                // Stored once more, so that Quartz hears that there is something new.
                added = [added[0]];
            }

            await ScheduleAsync(job, added);
        }
    }

    private async Task ScheduleAsync(IJobDetail job, IReadOnlyCollection<ITrigger> triggers) =>
        await _scheduler.ScheduleJobs(new Dictionary<IJobDetail, IReadOnlyCollection<ITrigger>> { [job] = triggers }, ScheduleJobOptions.Replacing);

    /// <summary>Begins to fire, or goes on.</summary>
    public Task StartAsync() => _scheduler.Start().AsTask();

    /// <summary>Fires no more; what is being handed over is finished.</summary>
    public async ValueTask DisposeAsync()
    {
        await _scheduler.Shutdown(waitForJobsToComplete: true);
        await _factory.DisposeAsync();
    }

    private static async Task<Timetable> OpenAsync(
        Action<IPersistentStoreBuilder> database, Func<DbConnection> open, string set, string instance, Func<string, DateTimeOffset, CancellationToken, Task> fire, TimeProvider clock)
    {
        var factory = QuartzSchedulerBuilder.Create(quartz =>
        {
            quartz.ConfigureScheduler(o =>
            {
                (o.InstanceName, o.InstanceId) = (set, instance);
                o.IdleWaitTime = TimeSpan.FromSeconds(5);
                o.MaxBatchSize = 50;
            });
            quartz.UseDefaultThreadPool(50);
            quartz.UseTimeProvider(clock);
            quartz.UseJobFactory(new FiringJob.Factory(new FiringJob(fire)));
            quartz.UsePersistentStore(store =>
            {
                database(store);
                store.UseSystemTextJsonSerializer();
                store.ProvisionSchema();
                store.ConfigureStore(o =>
                {
                    o.StoreJobDataAsStrings = true;
                    o.MisfireThreshold = Tolerance;
                    o.MisfireHandlerFrequency = TimeSpan.FromSeconds(2);
                    o.DbRetryInterval = TimeSpan.FromSeconds(2);
                });
            });
        }).Build();
        return new Timetable(factory, await factory.GetScheduler(), new TriggerRows(open, set), clock);
    }

    /// <summary>The rules are in the key: another schedule is another trigger, and the same one is left alone.</summary>
    private static TriggerKey Key(string scenario, ScheduleSpec schedule) => new(
        scenario, "cron-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{schedule.Cron}|{schedule.TimeZone}|{schedule.Missed}")))[..16]);

    private static ICronTrigger Trigger(TriggerKey key, ScheduleSpec schedule) => (ICronTrigger)TriggerBuilder.Create()
        .WithIdentity(key)
        .ForJob(Job)
        .WithSchedule(CronScheduleBuilder.Create(CronTimes.Expression(schedule)).WithMisfireInstruction(
            schedule.Missed == MissedRun.RunOnce ? CronTriggerMisfireInstruction.FireAndProceed : CronTriggerMisfireInstruction.DoNothing))
        .Build();
}
