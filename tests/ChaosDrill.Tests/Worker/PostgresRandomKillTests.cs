using ChaosDrill.Store;
using ChaosDrill.Store.Tests;
using ChaosDrill.Tests.Process;

namespace ChaosDrill.Tests.Worker;

/// <summary>Random kills of workers that share a PostgreSQL.</summary>
public sealed class PostgresRandomKillTests(PostgresServer postgres)
{
    [Fact]
    public Task Kill_OnPostgres_AnotherWorkerPutsEverythingBack() => RandomKills.RunAsync(few: 4, async (seed, kills) =>
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
                while (workers.Count < (RandomKills.IsLong ? 3 : 2))
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
                    await RandomKills.KillAsync(victim.Process, random);
                }

                drills.Add(await RandomKills.EndedAsync(field, id, $"seed {seed}, kill {kill}"));
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
}
