using ChaosDrill.Store;

namespace ChaosDrill.Tests.Worker;

/// <summary>Random kills of a worker that has its store alone; the next start puts everything back.</summary>
public sealed class SqliteRandomKillTests
{
    [Fact]
    public Task Kill_OnSqlite_NothingStaysBrokenAndNoFiringRunsTwice() => RandomKills.RunAsync(few: 4, async (seed, kills) =>
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

                await RandomKills.KillAsync(victim, random);
            }

            using (var next = field.Start())
            {
                drills.Add(await RandomKills.EndedAsync(field, id, $"seed {seed}, kill {kill}"));
                next.Signal("TERM");
                var ended = await next.EndAsync();
                Assert.True(ended.Code == 0, $"seed {seed}, kill {kill}: {ended.Code}\n{ended.Out}\n{ended.Error}");
            }

            field.AssertClean();
        }

        return drills;
    });
}
