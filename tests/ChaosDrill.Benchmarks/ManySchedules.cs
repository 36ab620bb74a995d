using System.Diagnostics;
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
        Write(folder, 10_000, "0 3 * * *");
        foreach (var which in (string[])["first", "next"])
        {
            var begin = Stopwatch.GetTimestamp();
            using var worker = new BenchWorker(folder, store);
            worker.Until("scenarios are read");
            var read = Stopwatch.GetElapsedTime(begin).TotalSeconds;
            worker.Until("worker is ready");
            Console.WriteLine($"10,000 schedules, {which} start: {Stopwatch.GetElapsedTime(begin).TotalSeconds:0.0} s until it is ready, {read:0.0} s of it until they are read, {worker.Megabytes("VmRSS"):0} MB, at most {worker.Megabytes("VmHWM"):0} MB");
        }
    });

    /// <remarks>
    /// Cron knows no seconds, so that what is due together is due in the same one: 100 are the hundred firings of one
    /// second. Jitter puts the drills off; what is measured is the claim.
    /// </remarks>
    public static Task LatenessAsync() => OnBothAsync((folder, store) =>
    {
        StoreWarmUp.Run();
        foreach (var due in (int[])[100, 1_000])
        {
            Write(folder, due, "* * * * *");
            using var worker = new BenchWorker(folder, store);
            worker.Until("worker is ready");
            var limit = Stopwatch.GetTimestamp();
            List<double> late = [];
            while (late.Count < due && Stopwatch.GetElapsedTime(limit) < TimeSpan.FromMinutes(3))
            {
                Thread.Sleep(1000);
                late = Late(store);
            }

            Console.WriteLine($"{due} due in one second: late by {Sample.Text(late, "ms")}");
            if (due == 100)
            {
                Sample.Against("lateness at 100 firings a second, p99", Sample.Percentile(late, 0.99), 1_000, "ms");
            }
        }
    });

    internal static async Task OnBothAsync(Action<string, string> act)
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
                await Task.Run(() => act(folder, server?.NewStore() ?? Path.Combine(folder, "drills.db")));
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    private static void Write(string folder, int count, string cron)
    {
        var scenarios = Path.Combine(folder, "scenarios");
        if (Directory.Exists(scenarios))
        {
            Directory.Delete(scenarios, recursive: true);
        }

        Directory.CreateDirectory(scenarios);
        for (var i = 0; i < count; i++)
        {
            File.WriteAllText(Path.Combine(scenarios, $"s{i:00000}.yaml"), $$"""
                apiVersion: chaosdrill.dev/v1
                kind: Scenario
                metadata: { name: s{{count}}-{{i:00000}} }
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

    /// <summary>From the time by the schedule to the claim on disk, of the newest time, in ms.</summary>
    private static List<double> Late(string store)
    {
        using System.Data.Common.DbConnection connection = store.StartsWith("Host=", StringComparison.Ordinal) ? new NpgsqlConnection(store) : new SqliteConnection($"Data Source={store};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT changed_ms - scheduled_ms FROM firing WHERE scheduled_ms = (SELECT max(scheduled_ms) FROM firing)";
        using var reader = command.ExecuteReader();
        List<double> late = [];
        while (reader.Read())
        {
            late.Add(reader.GetInt64(0));
        }

        return late;
    }
}
