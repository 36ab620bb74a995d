using System.Globalization;
using ChaosDrill.Model.Drills;
using Xunit;

namespace ChaosDrill.Store.Tests;

public sealed class SqliteKilledProcessTests() : KilledProcessTests(null);

public sealed class PostgresKilledProcessTests(PostgresServer server) : KilledProcessTests(server);

/// <summary>What was acknowledged survives SIGKILL at any moment, here to real processes.</summary>
public abstract class KilledProcessTests(PostgresServer? server) : IDisposable
{
    private readonly TempStore place = new(server);

    public void Dispose() => place.Dispose();

    [Fact]
    public async Task Append_ProcessKilledAtRandomMoments_KeepsAllThatWasAcknowledged()
    {
        // Kills fall after a seeded number of acknowledgements, so in the midst of the writes that follow them.
        var moments = new Random(20261121);
        for (var round = 0; round < 20; round++)
        {
            var drill = $"drill-{round}";
            var (entries, undos) = await RunAndKill(drill, moments.Next(1, 300));

            using var store = DrillStore.OpenReadOnly(place.Target);
            var record = store.Read(drill)!;
            var sequences = record.Timeline.Select(e => e.Sequence).ToList();
            Assert.True(sequences.Count >= entries, $"{drill}: {entries} acknowledged, {sequences.Count} found");
            Assert.Equal(Enumerable.Range(1, sequences.Count).Select(i => (long)i), sequences);
            Assert.Equal(0, sequences.Count % 2); // Entries were appended in pairs: all or none.
            Assert.All(record.Timeline, entry => Assert.Equal(Samples.Probe(entry.Sequence), entry));
            Assert.Null(record.End);

            var found = store.OutstandingUndos().Where(u => u.Undo.DrillId == drill).ToList();
            Assert.Subset(found.Select(u => u.Undo.Id).ToHashSet(), undos.ToHashSet());
            Assert.All(found, u => Assert.Equal(DrillState.Crashed, u.Drill));
            Assert.Equal((DrillState.Crashed, DrillOutcome.Inconclusive), (store.Find(drill)!.State, store.Find(drill)!.Outcome!.Value));
        }
    }

    [Fact]
    public async Task Append_TwoProcessesOneStore_BothAreWholeAndReadersSeeThem()
    {
        using var one = Victim.Start(place.Target, "one", most: 400);
        using var two = Victim.Start(place.Target, "two", most: 400);
        var outputs = new[] { one.StandardOutput.ReadToEndAsync(), two.StandardOutput.ReadToEndAsync() };
        while (!one.HasExited || !two.HasExited)
        {
            if ((StoreTarget.IsServer(place.Target) || File.Exists(place.Target)) && TryHistory() is { } history)
            {
                Assert.True(history.Count <= 2);
            }

            await Task.Yield();
        }

        await Task.WhenAll(outputs);
        Assert.Equal((0, 0), (one.ExitCode, two.ExitCode));
        using var store = DrillStore.OpenReadOnly(place.Target);
        Assert.Equal(400, store.Read("one")!.Timeline.Count);
        Assert.Equal(400, store.Read("two")!.Timeline.Count);
    }

    private List<DrillSummary>? TryHistory()
    {
        try
        {
            using var store = DrillStore.OpenReadOnly(place.Target);
            return [.. store.History()];
        }
        catch (Engine.Ports.JournalException failure) when (failure.Message.Contains("is empty", StringComparison.Ordinal))
        {
            return null;
        }
    }

    private async Task<(int Entries, List<string> Undos)> RunAndKill(string drill, int acknowledgements)
    {
        using var victim = Victim.Start(place.Target, drill);
        var entries = 0;
        List<string> undos = [];
        for (var line = await victim.StandardOutput.ReadLineAsync(); line is not null; line = await victim.StandardOutput.ReadLineAsync())
        {
            switch (line.Split(' '))
            {
                case ["entry", var sequence]:
                    entries = int.Parse(sequence, CultureInfo.InvariantCulture);
                    break;
                case ["undo", var id]:
                    undos.Add(id);
                    break;
                default: // The last line may have been cut off by the kill.
                    break;
            }

            if (--acknowledgements == 0)
            {
                victim.Kill();
            }
        }

        await victim.WaitForExitAsync();
        Assert.Equal(128 + 9, victim.ExitCode);
        return (entries, undos);
    }
}
