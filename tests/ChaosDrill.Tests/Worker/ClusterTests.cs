using System.Collections.Concurrent;
using System.Text.Json;
using ChaosDrill.Model.Drills;
using ChaosDrill.Store;
using ChaosDrill.Store.Tests;
using ChaosDrill.Testing;
using ChaosDrill.Twin;
using Npgsql;

[assembly: AssemblyFixture(typeof(PostgresServer))]

namespace ChaosDrill.Tests.Worker;

/// <summary>Several real workers on one real PostgreSQL, against a cluster that outlives them.</summary>
public sealed class ClusterTests(PostgresServer postgres)
{
    private static bool IsLong => Environment.GetEnvironmentVariable("CHAOSDRILL_TEST_LONG") == "1";

    [Fact]
    public async Task Schedule_OfTwoWorkers_IsRunByOneOfThem()
    {
        await using var field = await WorkerField.LayAsync(postgres.NewStore());
        field.Write(schedule: "cron: \"* * * * *\"");
        using var one = field.Start();
        using var two = field.Start();
        await Task.WhenAll(one.UntilAsync("worker is ready"), two.UntilAsync("worker is ready"));
        await Task.WhenAny(one.UntilAsync("drill ends: Pass"), two.UntilAsync("drill ends: Pass"));
        foreach (var worker in new[] { one, two })
        {
            worker.Signal("TERM");
            var ended = await worker.EndAsync();
            Assert.Equal(0, ended.Code);
            Assert.DoesNotContain(PostgresServer.Password, ended.Out + ended.Error, StringComparison.Ordinal);
        }

        field.AssertClean();
        using var store = DrillStore.OpenReadOnly(field.StorePath);
        Assert.Empty(store.Firings.Beats());
        var begun = store.Firings.Newest(100).Where(f => f.Drill is not null).ToList();
        Assert.Equal(begun.Select(f => f.ScheduledAt).Distinct().Count(), begun.Count);
        Assert.NotEmpty(begun);
        Assert.All(begun, f => Assert.True(f.State == FiringState.Ended && f.AskedBy == "schedule"));
    }

    [Fact]
    public async Task Sigstop_AWorkerThatWakesAgain_WritesAndTouchesNothingAnyMore()
    {
        await using var field = await WorkerField.LayAsync(postgres.NewStore());
        field.Write(waits: "5m");
        var id = field.Ask();
        var sleeper = await field.StartNamedAsync();
        using var other = field.Start();
        using var sleeping = sleeper.Process;
        await field.UntilAsync(id, f => f.Owner is not null);
        var (paused, awake) = (await field.UntilAsync(id, f => f.State == FiringState.Begun)).Owner == sleeper.Name ? (sleeping, other) : (other, sleeping);
        await paused.UntilAsync("step ends: Done");
        paused.Signal("STOP");
        await field.UntilAsync(id, f => f.State == FiringState.Ended);
        field.AssertClean();

        // Somebody else sets what the drill had set: a way back gone now would be seen.
        field.Scale(3);
        using var store = DrillStore.OpenReadOnly(field.StorePath);
        var before = (store.Digest(store.History()[0].Id), field.Get("/apis/apps/v1/namespaces/field/deployments/web"), field.Get("/apis/coordination.k8s.io/v1/namespaces/field/leases"));
        paused.Signal("CONT");
        await paused.UntilAsync("another worker has taken it over; this one leaves it alone");
        await Task.Delay(TimeSpan.FromSeconds(4), TimeProvider.System);

        var after = (store.Digest(store.History()[0].Id), field.Get("/apis/apps/v1/namespaces/field/deployments/web"), field.Get("/apis/coordination.k8s.io/v1/namespaces/field/leases"));
        Assert.Equal(Settled(before.Item2), Settled(after.Item2));
        Assert.Equal((before.Item1, Items(before.Item3)), (after.Item1, Items(after.Item3)));
        Assert.Equal(DrillOutcome.Inconclusive, Assert.Single(store.History()).Outcome);

        // It is as good as any other again.
        field.Scale(2);
        field.Write();
        awake.Signal("TERM");
        await awake.EndAsync();
        await Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System);
        var next = field.Ask();
        Assert.StartsWith("Pass", (await field.UntilAsync(next, f => f.State == FiringState.Ended)).Reason, StringComparison.Ordinal);
        paused.Signal("TERM");
        Assert.Equal(0, (await paused.EndAsync()).Code);
        field.AssertClean();
    }

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

    [Theory]
    [InlineData("KILL")]
    [InlineData("INT")]
    public async Task Postgres_AwayInTheMiddle_TheDrillIsUndoneAndWorkersGoOn(string signal)
    {
        using var own = new PostgresServer();
        await using var field = await WorkerField.LayAsync(own.NewStore());
        field.Write(waits: "5m");
        var id = field.Ask();
        using var one = field.Start();
        using var two = field.Start();
        await Task.WhenAny(one.UntilAsync("step ends: Done"), two.UntilAsync("step ends: Done"));
        own.Stop(signal);
        await Task.Delay(IsLong ? TimeSpan.FromMinutes(1) : TimeSpan.FromSeconds(8), TimeProvider.System);

        // What was broken is put back while the store is away.
        Assert.Contains("\"replicas\":2", field.Get("/apis/apps/v1/namespaces/field/deployments/web").Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
        own.Start();
        await field.UntilAsync(id, f => f.State == FiringState.Ended);
        using (var store = DrillStore.OpenReadOnly(field.StorePath))
        {
            Assert.Equal(DrillOutcome.Inconclusive, Assert.Single(store.History()).Outcome);
        }

        field.Write();
        await Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System);
        Assert.StartsWith("Pass", (await field.UntilAsync(field.Ask(), f => f.State == FiringState.Ended)).Reason, StringComparison.Ordinal);
        foreach (var worker in new[] { one, two })
        {
            worker.Signal("TERM");
            Assert.Equal(0, (await worker.EndAsync()).Code);
        }

        field.AssertClean();
    }

    [Fact]
    public async Task Sigkill_AndTheApiServerIsAway_TheNextOneWaitsAndUndoesThen()
    {
        await using var field = await WorkerField.LayAsync(postgres.NewStore());
        field.Write(waits: "5m");
        var id = field.Ask();
        var victim = await field.StartNamedAsync();
        using var dying = victim.Process;
        await dying.UntilAsync("step ends: Done");
        using var next = field.Start();
        await next.UntilAsync("worker is ready");
        field.Twin.PauseApi(ApiOutage.Refuse);
        dying.Signal("KILL");
        await next.UntilAsync("waits for the cluster");
        await Task.Delay(IsLong ? TimeSpan.FromMinutes(1) : TimeSpan.FromSeconds(3), TimeProvider.System);
        field.Twin.ResumeApi();
        await field.UntilAsync(id, f => f.State == FiringState.Ended);
        next.Signal("TERM");
        Assert.Equal(0, (await next.EndAsync()).Code);
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

    private static string Items(string list) => list[list.IndexOf("\"items\"", StringComparison.Ordinal)..];

    /// <summary>What somebody asked for, without what controllers make of it meanwhile.</summary>
    private static string Settled(string deployment)
    {
        using var json = System.Text.Json.JsonDocument.Parse(deployment);
        return json.RootElement.GetProperty("spec").GetRawText() + json.RootElement.GetProperty("metadata").GetProperty("generation").GetRawText();
    }
}
