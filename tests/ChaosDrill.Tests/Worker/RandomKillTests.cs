using System.Globalization;
using ChaosDrill.Model.Drills;
using ChaosDrill.Store;
using ChaosDrill.Store.Tests;
using ChaosDrill.Tests.Process;

namespace ChaosDrill.Tests.Worker;

/// <summary>SIGKILL at random instants of real worker processes, against a cluster that outlives them.</summary>
/// <remarks>
/// The long run kills 200 times on each store, in several fields at once: most of it is waiting. <c>CHAOSDRILL_TEST_SEED</c> and
/// <c>CHAOSDRILL_TEST_KILLS</c> choose another run.
/// </remarks>
public sealed class RandomKillTests(PostgresServer postgres)
{
    private static bool IsLong => Environment.GetEnvironmentVariable("CHAOSDRILL_TEST_LONG") == "1";

    [Fact]
    public Task OnSqlite_NothingStaysBrokenAndNoFiringRunsTwice() => KillAsync(few: 4, async (seed, kills) =>
    {
        var random = new Random(seed);
        await using var field = await WorkerField.LayAsync();
        field.Write();
        var drills = new List<DrillSummary>();
        for (var kill = 0; kill < kills; kill++)
        {
            var id = field.Ask();
            using (var victim = field.Start())
            {
                // A few before the drill is under way, most in its middle, some after it.
                if (random.Next(4) > 0)
                {
                    await field.UntilAsync(id, f => f.State != FiringState.Claimed);
                }

                await KillAsync(victim, random);
            }

            using (var next = field.Start())
            {
                drills.Add(await EndedAsync(field, id, $"seed {seed}, kill {kill}"));
                next.Signal("TERM");
                var ended = await next.EndAsync();
                Assert.True(ended.Code == 0, $"seed {seed}, kill {kill}: {ended.Code}\n{ended.Out}\n{ended.Error}");
            }

            field.AssertClean();
        }

        return drills;
    });

    [Fact]
    public Task OnPostgres_AnotherWorkerPutsEverythingBack() => KillAsync(few: 4, async (seed, kills) =>
    {
        var random = new Random(seed);
        await using var field = await WorkerField.LayAsync(postgres.NewStore());
        field.Write();
        var drills = new List<DrillSummary>();
        var workers = new List<(string Name, Chaosdrill.Running Process)>();
        try
        {
            for (var kill = 0; kill < kills; kill++)
            {
                while (workers.Count < (IsLong ? 3 : 2))
                {
                    workers.Add(await field.StartNamedAsync());
                }

                var id = field.Ask();
                var owner = await field.UntilAsync(id, f => f.Owner is not null);
                if (random.Next(4) > 0)
                {
                    owner = await field.UntilAsync(id, f => f.State != FiringState.Claimed);
                }

                var victim = workers.Single(w => w.Name == owner.Owner);
                workers.Remove(victim);
                using (victim.Process)
                {
                    await KillAsync(victim.Process, random);
                }

                drills.Add(await EndedAsync(field, id, $"seed {seed}, kill {kill}"));
                field.AssertClean();
            }

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

        return drills;
    });

    private static async Task KillAsync(Chaosdrill.Running victim, Random random)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(random.Next(4000)), TimeProvider.System);
        victim.Signal("KILL");
        Assert.Equal(128 + 9, (await victim.EndAsync()).Code);
    }

    /// <summary>The drill of a firing, once it is over; it has passed, or is known to have died.</summary>
    private static async Task<DrillSummary> EndedAsync(WorkerField field, string firing, string which)
    {
        var ended = await field.UntilAsync(firing, f => f.State == FiringState.Ended);
        using var store = DrillStore.OpenReadOnly(field.StorePath);
        var drill = store.Find(ended.Drill!)!;
        Assert.True(
            drill.Outcome == DrillOutcome.Pass || (drill.Outcome == DrillOutcome.Inconclusive && drill.Reason!.StartsWith("the process that ran it died; worker ", StringComparison.Ordinal)),
            $"{which}: {drill}");
        return drill;
    }

    private static async Task KillAsync(int few, Func<int, int, Task<List<DrillSummary>>> kill)
    {
        var (kills, fields) = (Number("CHAOSDRILL_TEST_KILLS") ?? (IsLong ? 200 : few), IsLong ? 2 : 1);
        var seed = Number("CHAOSDRILL_TEST_SEED") ?? (IsLong ? Environment.ProcessId : 20261121);
        var output = TestContext.Current.TestOutputHelper!;
        output.WriteLine($"{kills} kills in {fields} fields, seeds from {seed} on");
        var drills = (await Task.WhenAll(Enumerable.Range(0, fields).Select(f => kill(seed + f, (kills + f) / fields)))).SelectMany(d => d).ToList();
        Assert.Equal(kills, drills.Count);
        var died = drills.Count(d => d.Outcome == DrillOutcome.Inconclusive);
        output.WriteLine($"{died} drills died, {kills - died} finished");
        Assert.True(!IsLong || (died > kills / 4 && kills - died > kills / 20), $"seeds from {seed} on: {died} died, {kills - died} finished: the instants are badly chosen");
    }

    private static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
