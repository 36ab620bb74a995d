using System.Collections.Concurrent;
using System.Text.Json;
using ChaosDrill.Store;
using ChaosDrill.Store.Tests;
using ChaosDrill.Testing;
using Npgsql;

namespace ChaosDrill.Tests.Worker;

/// <summary>What several workers of one store share, and what they do not, with real processes on a real PostgreSQL.</summary>
public sealed class WorkerSetTests(PostgresServer postgres)
{
    [Fact]
    public async Task Notices_OfSeveralWorkers_AreToldOnce()
    {
        var received = new ConcurrentQueue<string>();
        await using var receiver = new HttpSite((_, body) =>
        {
            using var told = JsonDocument.Parse(body);
            received.Enqueue($"{told.RootElement.GetProperty("occasion").GetString()} {(told.RootElement.TryGetProperty("outcome", out var outcome) ? outcome.GetString() : "")}".TrimEnd());
            return Task.FromResult((200, "ok"));
        });
        await using var field = await WorkerField.LayAsync(postgres.NewStore());
        File.WriteAllText(Path.Combine(field.Folder, "url"), receiver.Url);
        File.WriteAllText(Path.Combine(field.Folder, "webhooks.yaml"), "apiVersion: chaosdrill.dev/v1\nkind: Webhooks\nwebhooks: [ { name: ops, urlFile: url, on: [verdict, undoOutstanding, overdue] } ]\n");
        field.Write(schedule: "cron: \"0 3 * * *\"");
        using (var early = field.Start())
        {
            await field.UntilAsync(field.Ask(), f => f.State == FiringState.Ended);
            early.Signal("TERM");
            await early.EndAsync();
        }

        // That drill was long ago: its schedule is overdue by now, and each worker sees it.
        Sql(field.StorePath, "UPDATE drill SET started_ms = 0");
        var one = await field.StartNamedAsync("--webhooks", "webhooks.yaml");
        var two = await field.StartNamedAsync("--webhooks", "webhooks.yaml");
        using var first = one.Process;
        using var second = two.Process;
        await Task.WhenAll(first.UntilAsync("overdue: "), second.UntilAsync("overdue: "));

        // A drill whose worker dies, and whose harm cannot be put back: somebody else has changed the same since.
        field.Write(waits: "5m", schedule: "cron: \"0 3 * * *\"");
        await Task.WhenAll(first.UntilAsync("scenarios changed"), second.UntilAsync("scenarios changed"));
        var id = field.Ask();
        var owner = (await field.UntilAsync(id, f => f.State == FiringState.Begun)).Owner;
        var (dying, survivor) = owner == one.Name ? (first, second) : (second, first);
        await dying.UntilAsync("step ends: Done");
        field.Scale(3);
        dying.Signal("KILL");
        await field.UntilAsync(id, f => f.State == FiringState.Ended);
        using var third = field.Start("--webhooks", "webhooks.yaml");
        await third.UntilAsync("worker is ready");
        await third.UntilAsync("overdue: ");
        await Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System);
        foreach (var worker in new[] { survivor, third })
        {
            worker.Signal("TERM");
            await worker.EndAsync();
        }

        Assert.Equal(["overdue", "undoOutstanding", "verdict inconclusive"], received.Order());
    }

    [Fact]
    public async Task Sets_OfWorkersWithOtherFolders_LeaveEachOtherAlone()
    {
        await using var field = await WorkerField.LayAsync(postgres.NewStore());
        field.Write(waits: "5m", schedule: "cron: \"0 3 * * *\"");
        var nightly = Directory.CreateDirectory(Path.Combine(field.Folder, "nightly")).FullName;
        File.WriteAllText(Path.Combine(nightly, "other.yaml"), File.ReadAllText(Path.Combine(field.Scenarios, WorkerField.Name + ".yaml")).Replace(WorkerField.Name, "other", StringComparison.Ordinal));
        for (var i = 0; i < 30; i++)
        {
            File.WriteAllText(Path.Combine(nightly, $"other-{i}.yaml"), File.ReadAllText(Path.Combine(nightly, "other.yaml")).Replace("name: other", $"name: other-{i}", StringComparison.Ordinal));
        }

        var (id, day) = (field.Ask(), await field.StartNamedAsync());
        using var dying = day.Process;
        using var night = field.Start("--scenarios", nightly, "--set", "night");
        await Task.WhenAll(dying.UntilAsync("step ends: Done"), night.UntilAsync("worker is ready"));

        // Each has its own schedules, also after the other has changed its.
        Assert.Equal([("chaosdrill", 1), ("night", 31)], Schedules(field.StorePath));
        field.Write(waits: "5m", schedule: "cron: \"0 4 * * *\"");
        await dying.UntilAsync("scenarios changed");
        Assert.Equal([("chaosdrill", 1), ("night", 31)], Schedules(field.StorePath));

        // A dead worker's drill is its own set's to put back; the other set would have done so long ago.
        dying.Signal("KILL");
        await Task.Delay(TimeSpan.FromSeconds(10), TimeProvider.System);
        Assert.Equal(day.Name, (await field.UntilAsync(id, f => f.State == FiringState.Begun)).Owner);
        using var next = field.Start();
        await field.UntilAsync(id, f => f.State == FiringState.Ended);
        foreach (var worker in new[] { night, next })
        {
            worker.Signal("TERM");
            Assert.Equal(0, (await worker.EndAsync()).Code);
        }

        field.AssertClean();
    }

    private static List<(string Set, long Count)> Schedules(string store)
    {
        using var connection = new NpgsqlConnection(store);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT sched_name, count(*) FROM qrtz_triggers JOIN qrtz_cron_triggers USING (sched_name, trigger_name, trigger_group) GROUP BY sched_name ORDER BY 1";
        using var reader = command.ExecuteReader();
        List<(string, long)> schedules = [];
        while (reader.Read())
        {
            schedules.Add((reader.GetString(0), reader.GetInt64(1)));
        }

        return schedules;
    }

    private static void Sql(string store, string text)
    {
        using var connection = new NpgsqlConnection(store);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = text;
        command.ExecuteNonQuery();
    }
}
