using ChaosDrill.Model.Drills;
using ChaosDrill.Store;
using ChaosDrill.Store.Tests;
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

    private static string Items(string list) => list[list.IndexOf("\"items\"", StringComparison.Ordinal)..];

    /// <summary>What somebody asked for, without what controllers make of it meanwhile.</summary>
    private static string Settled(string deployment)
    {
        using var json = System.Text.Json.JsonDocument.Parse(deployment);
        return json.RootElement.GetProperty("spec").GetRawText() + json.RootElement.GetProperty("metadata").GetProperty("generation").GetRawText();
    }
}
