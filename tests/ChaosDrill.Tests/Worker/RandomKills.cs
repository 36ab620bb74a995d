using System.Globalization;
using ChaosDrill.Model.Drills;
using ChaosDrill.Store;
using ChaosDrill.Tests.Process;

namespace ChaosDrill.Tests.Worker;

/// <summary>SIGKILL at random instants of real worker processes, against a cluster that outlives them.</summary>
/// <remarks>
/// The long run kills 200 times on each store, in several fields at once: most of it is waiting. <c>CHAOSDRILL_TEST_SEED</c> and
/// <c>CHAOSDRILL_TEST_KILLS</c> choose another run.
/// </remarks>
internal static class RandomKills
{
    public static bool IsLong => Environment.GetEnvironmentVariable("CHAOSDRILL_TEST_LONG") == "1";

    /// <summary>Kills as often as this run is to, and sees that every drill has come to its end.</summary>
    /// <param name="few">How often without --long.</param>
    /// <param name="kill">Given a seed and a number of kills, what became of each drill.</param>
    public static async Task RunAsync(int few, Func<int, int, Task<List<DrillSummary>>> kill)
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

    /// <summary>Kills a worker within the next four seconds.</summary>
    public static async Task KillAsync(Chaosdrill.Running victim, Random random)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(random.Next(4000)), TimeProvider.System);
        victim.Signal("KILL");
        Assert.Equal(128 + 9, (await victim.EndAsync()).Code);
    }

    /// <summary>The drill of a firing, once it is over; it has passed, or is known to have died.</summary>
    public static async Task<DrillSummary> EndedAsync(WorkerField field, string firing, string which)
    {
        var ended = await field.UntilAsync(firing, f => f.State == FiringState.Ended);
        using var store = DrillStore.OpenReadOnly(field.StorePath);
        var drill = store.Find(ended.Drill!)!;
        Assert.True(
            drill.Outcome == DrillOutcome.Pass || (drill.Outcome == DrillOutcome.Inconclusive && drill.Reason!.StartsWith("the process that ran it died; worker ", StringComparison.Ordinal)),
            $"{which}: {drill}");
        return drill;
    }

    private static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
