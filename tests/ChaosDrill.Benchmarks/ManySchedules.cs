using System.Data.Common;
using System.Diagnostics;
using System.Globalization;
using ChaosDrill.Store;
using ChaosDrill.Store.Tests;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace ChaosDrill.Benchmarks;

/// <summary>Ten thousand schedules: how long a worker takes to have them, and in how much memory. Then, how late it fires when many are due at once.</summary>
internal static class ManySchedules
{
    public static Task LoadAsync() => OnBothAsync((folder, store) =>
    {
        (double Time, double Memory)? before = null;
        foreach (var count in (int[])[1_000, 10_000])
        {
            Clear(folder);
            Write(folder, $"s{count}", count, "0 3 * * *");
            foreach (var which in (string[])["first", "next"])
            {
                var begin = Stopwatch.GetTimestamp();
                using var worker = new BenchWorker(folder, store);
                worker.Until("scenarios are read");
                var read = Stopwatch.GetElapsedTime(begin).TotalSeconds;
                worker.Until("worker is ready");
                var ready = Stopwatch.GetElapsedTime(begin).TotalSeconds;
                var memory = worker.Megabytes("VmHWM");
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{count:N0} schedules, {which} start: {ready:0.0} s until it is ready, {read:0.0} s of it until they are read, {worker.Megabytes("VmRSS"):0} MB, at most {memory:0} MB"));
                if (which == "first")
                {
                    before = before is { } smaller ? Grown(smaller, ready, memory) : (ready, memory);
                }
            }
        }

        return Task.CompletedTask;
    });

    /// <remarks>
    /// Cron knows no seconds, so that what is due together is due in the same one: 100 are the hundred firings of one
    /// second, and a thousand show what comes of more. Jitter puts the drills off; what is measured is the claim, from the
    /// outside: when its row was to be seen.
    /// </remarks>
    public static Task LatenessAsync() => OnBothAsync(async (folder, store) =>
    {
        // Due once each, in the minute after the next and in the one after that, so that the worker is ready by then.
        var first = Minute(TimeProvider.System.GetUtcNow().AddSeconds(75));
        (int Count, DateTimeOffset At)[] due = [(100, first), (1_000, first.AddMinutes(1))];
        foreach (var (count, at) in due)
        {
            Write(folder, $"s{count}", count, string.Create(CultureInfo.InvariantCulture, $"{at.Minute} {at.Hour} {at.Day} {at.Month} *"));
        }

        using var worker = new BenchWorker(folder, store);
        worker.Until("worker is ready");
        StoreWarmUp.Run();
        await using var connection = Open(store);
        foreach (var (count, at) in due)
        {
            var late = await LateAsync(connection, at, count);
            var text = string.Create(CultureInfo.InvariantCulture, $"{count:N0} due in one second: late by {Sample.Text(late, "ms")}; {count / (late.Max() / 1000):0} a second");
            Console.WriteLine(text);
            if (count == 100)
            {
                Sample.Against("  lateness at 100 firings a second, p99", Sample.Percentile(late, 0.99), 1_000, "ms");
            }
        }
    });

    /// <summary>Does something with a folder and a store of each kind, which are gone afterwards.</summary>
    internal static async Task OnBothAsync(Func<string, string, Task> act)
    {
        // CHAOSDRILL_BENCH_STORE=sqlite or =postgresql measures one of the two.
        var only = Environment.GetEnvironmentVariable("CHAOSDRILL_BENCH_STORE");
        foreach (var isServer in ((bool[])[false, true]).Where(s => only is null || only == (s ? "postgresql" : "sqlite")))
        {
            Console.WriteLine(isServer ? "PostgreSQL:" : "SQLite:");
            var folder = Directory.CreateTempSubdirectory("chaosdrill-bench").FullName;
            using var server = isServer ? new PostgresServer() : null;
            try
            {
                await act(folder, server?.NewStore() ?? Path.Combine(folder, "drills.db"));
            }
            finally
            {
                NpgsqlConnection.ClearAllPools();
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    private static (double, double) Grown((double Time, double Memory) smaller, double time, double memory)
    {
        Sample.Against("  until it is ready, beside a tenth of them", time / smaller.Time, 10, "times");
        Sample.Against("  memory for one schedule more", (memory - smaller.Memory) * 1024 / 9_000, 16, "kB");
        Sample.Against("  10,000 schedules, ready after", time, 20, "s");
        Sample.Against("  10,000 schedules, memory", memory, 256, "MB");
        return (time, memory);
    }

    private static DateTimeOffset Minute(DateTimeOffset time) => new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerMinute), TimeSpan.Zero);

    private static void Clear(string folder)
    {
        if (Directory.Exists(Path.Combine(folder, "scenarios")))
        {
            Directory.Delete(Path.Combine(folder, "scenarios"), recursive: true);
        }
    }

    private static void Write(string folder, string name, int count, string cron)
    {
        var scenarios = Directory.CreateDirectory(Path.Combine(folder, "scenarios")).FullName;
        for (var i = 0; i < count; i++)
        {
            File.WriteAllText(Path.Combine(scenarios, $"{name}-{i:00000}.yaml"), $$"""
                apiVersion: chaosdrill.dev/v1
                kind: Scenario
                metadata: { name: {{name}}-{{i:00000}} }
                spec:
                  cluster: { namespace: shop }
                  schedule: { cron: "{{cron}}", jitter: 1h }
                  steps:
                    - podKill: { selector: app=storefront }
                    - awaitRecovery: { of: [deployment/storefront], stableFor: 10s, timeout: 3m }
                  objectives:
                    - recoveryTime: { of: deployment/storefront, atMost: 30s }
                """);
        }
    }

    /// <summary>From the time by the schedule until each claim was to be seen, in ms. They are looked for a hundred times a second.</summary>
    private static async Task<List<double>> LateAsync(DbConnection connection, DateTimeOffset at, int count)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = $"SELECT count(*) FROM firing WHERE scheduled_ms = {at.ToUnixTimeMilliseconds()}";
        var wait = at - TimeProvider.System.GetUtcNow();
        await Task.Delay(wait > TimeSpan.Zero ? wait : throw new InvalidOperationException("the worker was not ready in time"), CancellationToken.None);
        List<double> late = [];
        await Sample.UntilAsync($"{count} claims", TimeSpan.FromSeconds(50), () =>
        {
            var (seen, now) = ((long)command.ExecuteScalar()!, TimeProvider.System.GetUtcNow());
            late.AddRange(Enumerable.Repeat((now - at).TotalMilliseconds, (int)seen - late.Count));
            return late.Count == count;
        });
        return late;
    }

    private static DbConnection Open(string store)
    {
        DbConnection connection = store.StartsWith("Host=", StringComparison.Ordinal) ? new NpgsqlConnection(store) : new SqliteConnection($"Data Source={store};Pooling=False");
        connection.Open();
        return connection;
    }
}
