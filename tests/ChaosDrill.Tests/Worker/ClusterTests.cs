using ChaosDrill.Model.Drills;
using ChaosDrill.Store;
using ChaosDrill.Store.Tests;
using ChaosDrill.Tests.Process;
using ChaosDrill.Twin;

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
    public async Task Sigkill_AtRandomInstants_AnotherWorkerPutsEverythingBack()
    {
        var seed = Environment.GetEnvironmentVariable("CHAOSDRILL_TEST_SEED") is { } given ? int.Parse(given) : IsLong ? Environment.ProcessId : 20261121;
        var kills = Environment.GetEnvironmentVariable("CHAOSDRILL_TEST_KILLS") is { } many ? int.Parse(many) : IsLong ? 200 : 4;
        TestContext.Current.SendDiagnosticMessage($"seed {seed}, {kills} kills of one of three workers");
        var random = new Random(seed);
        await using var field = await WorkerField.LayAsync(postgres.NewStore());
        field.Write();
        var workers = new List<(string Name, Chaosdrill.Running Process)>();
        var (died, finished, longest) = (0, 0, TimeSpan.Zero);
        try
        {
            for (var kill = 0; kill < kills; kill++)
            {
                while (workers.Count < (IsLong ? 3 : 2))
                {
                    workers.Add(await StartAsync(field));
                }

                var id = field.Ask();
                var owner = await field.UntilAsync(id, f => f.Owner is not null);
                if (random.Next(4) > 0)
                {
                    owner = await field.UntilAsync(id, f => f.State != FiringState.Claimed);
                }

                await Task.Delay(TimeSpan.FromMilliseconds(random.Next(4000)), TimeProvider.System);
                var victim = workers.Single(w => w.Name == owner.Owner);
                victim.Process.Signal("KILL");
                Assert.Equal(128 + 9, (await victim.Process.EndAsync()).Code);
                var killed = TimeProvider.System.GetTimestamp();
                workers.Remove(victim);
                victim.Process.Dispose();
                var firing = await field.UntilAsync(id, f => f.State == FiringState.Ended);
                using var store = DrillStore.OpenReadOnly(field.StorePath);
                var drill = store.Find(firing.Drill!)!;
                Assert.True(
                    drill.Outcome == DrillOutcome.Pass || (drill.Outcome == DrillOutcome.Inconclusive && drill.Reason!.StartsWith("the process that ran it died; worker ", StringComparison.Ordinal)),
                    $"seed {seed}, kill {kill}: {drill}");
                if (drill.Outcome == DrillOutcome.Inconclusive)
                {
                    died++;
                    longest = TimeSpan.FromTicks(Math.Max(longest.Ticks, TimeProvider.System.GetElapsedTime(killed).Ticks));
                }
                else
                {
                    finished++;
                }

                field.AssertClean();
            }

            TestContext.Current.SendDiagnosticMessage($"{died} drills died, {finished} finished; the longest take-over took {longest.TotalSeconds:0.0} s");
            foreach (var (_, process) in workers)
            {
                process.Signal("TERM");
                Assert.Equal(0, (await process.EndAsync()).Code);
            }
        }
        finally
        {
            workers.ForEach(w => w.Process.Dispose());
        }

        Assert.True(!IsLong || (died > kills / 4 && finished > kills / 20), $"seed {seed}: {died} died, {finished} finished: the instants are badly chosen");
    }

    [Fact]
    public async Task Sigstop_AWorkerThatWakesAgain_WritesAndTouchesNothingAnyMore()
    {
        await using var field = await WorkerField.LayAsync(postgres.NewStore());
        field.Write(waits: "5m");
        var id = field.Ask();
        var sleeper = await StartAsync(field);
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
        var victim = await StartAsync(field);
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

    /// <summary>A worker, and its name in the store.</summary>
    private static async Task<(string Name, Chaosdrill.Running Process)> StartAsync(WorkerField field)
    {
        var process = field.Start();
        var said = await process.UntilAsync("worker is ready");
        return (said.Split("worker=")[1].Split(' ')[0], process);
    }

    private static string Items(string list) => list[list.IndexOf("\"items\"", StringComparison.Ordinal)..];

    /// <summary>What somebody asked for, without what controllers make of it meanwhile.</summary>
    private static string Settled(string deployment)
    {
        using var json = System.Text.Json.JsonDocument.Parse(deployment);
        return json.RootElement.GetProperty("spec").GetRawText() + json.RootElement.GetProperty("metadata").GetProperty("generation").GetRawText();
    }
}
