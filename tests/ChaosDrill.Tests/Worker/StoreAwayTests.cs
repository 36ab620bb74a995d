using ChaosDrill.Model.Drills;
using ChaosDrill.Store;
using ChaosDrill.Store.Tests;

namespace ChaosDrill.Tests.Worker;

/// <summary>Several real workers whose PostgreSQL goes away and comes back.</summary>
public sealed class StoreAwayTests
{
    private static bool IsLong => Environment.GetEnvironmentVariable("CHAOSDRILL_TEST_LONG") == "1";

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
}
