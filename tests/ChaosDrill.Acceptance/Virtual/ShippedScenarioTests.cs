using ChaosDrill.Model.Drills;
using Xunit;

namespace ChaosDrill.Acceptance.Virtual;

/// <summary>Every shipped scenario passes on the twin, and leaves nothing behind, wherever its process dies.</summary>
public sealed class ShippedScenarioTests
{
    public static TheoryData<string> Scenarios => ShippedDrill.All;

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void Scenario_OnTheTwin_PassesAndLeavesNothing(string file)
    {
        var result = ShippedDrill.Run(file, new MortalJournal());

        Assert.True(result.Judgement!.Outcome == DrillOutcome.Pass, result.Judgement.Reason);
        Assert.True(result.Judgement.UndoComplete);
        Assert.Equal(result.Before, result.After);
    }

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void Scenario_KilledAfterAnyJournalWrite_IsPutBackByTheNextStart(string file)
    {
        var whole = new MortalJournal();
        ShippedDrill.Run(file, whole);

        // Ten namespaces are ten times the same writes: dying after every seventh comes to each of them in one or the other.
        var every = file == "velero-verify-each.yaml" ? 7 : 1;
        for (var write = 1; write <= whole.Writes; write += every)
        {
            var journal = new MortalJournal(diesAfter: write);
            var result = ShippedDrill.Run(file, journal);
            Assert.True(journal.IsDead);
            Assert.True(
                result.Before.SequenceEqual(result.After),
                $"killed after write {write} of {whole.Writes}: {string.Join('\n', result.Before.Except(result.After).Concat(result.After.Except(result.Before)))}");
        }
    }
}
