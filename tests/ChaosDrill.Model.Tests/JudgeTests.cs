using System.Text.Json;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Model.Tests.Measures;
using ChaosDrill.Model.Timelines;
using Xunit;

namespace ChaosDrill.Model.Tests;

/// <summary>Ways in which other tools report green when it should be red.</summary>
public sealed class JudgeTests
{
    [Fact]
    public void Judge_NoObjective_IsInconclusive() =>
        Assert.Equal(DrillOutcome.Inconclusive, new DrillScript().Delay(0, 0).Ready(0, 3).Requested(4).Ready(5, 2).Effect(5).Ready(8, 3).Awaited(18).Judged().Outcome);

    [Fact]
    public void Judge_AwaitTimedOutThoughTheObjectivesAreMet_IsInconclusive()
    {
        var judged = new DrillScript().Goal(new AvailabilityGoal { Probe = "web", AtLeast = new Ratio(0.5) }).Delay(0, 0)
            .Ready(0, 3).Samples(0, 200, good: true).Requested(4).Ready(5, 2).Effect(5).Awaited(18, outcome: StepOutcome.TimedOut).Judged();

        Assert.Equal(Verdict.Pass, Assert.Single(judged.Objectives).Verdict);
        Assert.Equal(DrillOutcome.Inconclusive, judged.Outcome);
        Assert.Contains("not carried out", judged.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Judge_NothingWasInjected_IsInconclusive() =>
        Assert.Equal(DrillOutcome.Inconclusive, new DrillScript().RecoveryWithin(30).Delay(0, 0).Ready(0, 3).Judged().Outcome);

    [Fact]
    public void Judge_SteadyStateDidNotHoldBefore_IsInconclusiveWhateverTheMeasures()
    {
        var judged = Recovered().At(0, new SteadyStateChecked(DrillStage.SteadyStateBefore, 1, "deployment/storefront", false, "2 of 3 ready")).Judged();

        Assert.Equal(DrillOutcome.Inconclusive, judged.Outcome);
        Assert.Contains("2 of 3 ready", judged.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Judge_SteadyStateDoesNotHoldAgain_Fails()
    {
        var judged = new DrillScript { HasSteadyState = true }.RecoveryWithin(30).Delay(0, 0)
            .Ready(0, 3).Requested(4).Ready(5, 2).Effect(5).Ready(8, 3).Awaited(18)
            .At(20, new SteadyStateChecked(DrillStage.SteadyStateAfter, 0, "deployment/storefront", false, "2 of 3 ready")).Judged();

        Assert.Equal(DrillOutcome.Fail, judged.Outcome);
    }

    [Fact]
    public void Judge_SteadyStateAfterWasNotLookedAt_IsInconclusive() =>
        Assert.Equal(
            DrillOutcome.Inconclusive,
            new DrillScript { HasSteadyState = true }.RecoveryWithin(30).Delay(0, 0)
                .Ready(0, 3).Requested(4).Ready(5, 2).Effect(5).Ready(8, 3).Awaited(18).Judged().Outcome);

    [Fact]
    public void Judge_ProcessDied_IsInconclusiveEvenIfTheMeasuresAreGood()
    {
        var judged = Judge.Of(Recovered().Unfinished());

        Assert.Equal(DrillOutcome.Inconclusive, judged.Outcome);
        Assert.All(judged.Objectives, o => Assert.Equal(Verdict.Inconclusive, o.Verdict));
    }

    [Fact]
    public void Judge_Aborted_IsAborted() => Assert.Equal(DrillOutcome.Aborted, Judge.Of(Recovered().Record(DrillEnding.Aborted)).Outcome);

    [Fact]
    public void Judge_FailedStep_ForbidsAPass() =>
        Assert.Equal(
            DrillOutcome.Inconclusive,
            Recovered().At(30, new StepEnded(0, 2, StepOutcome.Failed, "the selector matches nothing")).Judged().Outcome);

    [Fact]
    public void Judge_CheckThatDoesNotHold_FailsTheDrill()
    {
        var judged = Recovered().At(30, new CheckMade(0, 1, "keys are there", true, "5 of 5")).At(31, new CheckMade(0, 1, "marker is there", false, "no such key"))
            .At(32, new CheckMade(0, 1, "digest is equal", null, "no answer")).Judged();

        Assert.Equal((DrillOutcome.Fail, "Kill: marker is there: no such key"), (judged.Outcome, judged.Reason));
    }

    [Fact]
    public void Judge_CheckThatIsNotKnown_IsInconclusive() =>
        Assert.Equal(DrillOutcome.Inconclusive, Recovered().At(30, new CheckMade(0, 1, "marker is there", null, "no answer")).Judged().Outcome);

    [Fact]
    public void Judge_StepSeenToFail_FailsTheDrill() =>
        Assert.Equal(DrillOutcome.Fail, Recovered().At(30, new StepEnded(1, 1, StepOutcome.Disproved, "the restore was refused")).Judged().Outcome);

    [Fact]
    public void Judge_CheckThatHolds_IsWorthAsMuchAsAFaultThatTookEffect()
    {
        var restore = new DrillScript().Goal(new RestoreTimeGoal { AtMost = DrillScript.S(5) })
            .At(1, new PhaseReached(0, 1, PhaseNames.RestoreStarted)).At(4, new PhaseReached(0, 1, PhaseNames.Verified));

        Assert.Equal(DrillOutcome.Inconclusive, restore.Judged().Outcome);
        Assert.Equal(DrillOutcome.Pass, restore.At(4, new CheckMade(0, 1, "keys are there", true, "5 of 5")).Judged().Outcome);
    }

    [Theory]
    [InlineData(2.9, DrillOutcome.Fail)]
    [InlineData(3, DrillOutcome.Pass)]
    public void Judge_RestoreTime_CountsFromItsStartToTheEndOfVerification(double atMost, DrillOutcome expected) =>
        Assert.Equal(expected, Restore(atMost).At(4, new PhaseReached(0, 1, PhaseNames.Verified)).Judged().Outcome);

    [Fact]
    public void Judge_RestoreThatWasNeverVerified_IsInconclusive() => Assert.Equal(DrillOutcome.Inconclusive, Restore(9).Judged().Outcome);

    [Theory]
    [InlineData(2, 3, DrillOutcome.Pass)]
    [InlineData(2, 5.1, DrillOutcome.Inconclusive)]
    [InlineData(5.1, 5.2, DrillOutcome.Fail)]
    public void Judge_DataLoss_IsJudgedWithItsBounds(double low, double high, DrillOutcome expected) =>
        Assert.Equal(
            expected,
            Recovered().Goal(new DataLossGoal { AtMost = DrillScript.S(5) })
                .At(20, new FigureMeasured(0, FigureNames.DataLoss, Model.Measures.MeasureUnit.Seconds, new(1, low, low, high, null))).Judged().Outcome);

    [Fact]
    public void Judge_DataLossThatNobodyMeasured_IsInconclusive() =>
        Assert.Equal(DrillOutcome.Inconclusive, Recovered().Goal(new DataLossGoal { AtMostEntries = 0 }).Judged().Outcome);

    [Fact]
    public void Judge_OneLostEntry_IsOneTooMany() =>
        Assert.Equal(
            DrillOutcome.Fail,
            Recovered().Goal(new DataLossGoal { AtMostEntries = 0 })
                .At(20, new FigureMeasured(0, FigureNames.LostEntries, Model.Measures.MeasureUnit.Count, new(1, 1, 1, 1, null))).Judged().Outcome);

    private static DrillScript Restore(double atMost) => new DrillScript().Goal(new RestoreTimeGoal { AtMost = DrillScript.S(atMost) })
        .At(1, new PhaseReached(0, 1, PhaseNames.RestoreStarted)).At(4, new CheckMade(0, 1, "keys are there", true, "5 of 5"));

    [Fact]
    public void Judge_StoredAndReadBack_SaysTheSame()
    {
        var record = Recovered().Goal(new AvailabilityGoal { Probe = "web", AtLeast = new Ratio(0.9) }).Samples(60, 100, true).Record();
        var json = JsonSerializer.Serialize(record, DrillJson.Default.DrillRecord);
        var read = JsonSerializer.Deserialize(json, DrillJson.Default.DrillRecord)!;

        Assert.Equal(
            JsonSerializer.Serialize(Judge.Of(record), DrillJson.Default.Judgement),
            JsonSerializer.Serialize(Judge.Of(read), DrillJson.Default.Judgement));
        Assert.Equal(DrillOutcome.Pass, Judge.Of(read).Outcome);
    }

    [Fact]
    public void Judge_EntriesRecordedOutOfOrder_AreReadByTheirInstants()
    {
        var judged = new DrillScript().RecoveryWithin(30).Delay(0, 0)
            .Ready(8, 3).Effect(5).Ready(5, 2).Requested(4.9).Ready(0, 3).Awaited(18).Judged();

        Assert.Equal(3, Assert.Single(judged.Recoveries).Time.Value!.Value, 6);
    }

    private static DrillScript Recovered() =>
        new DrillScript().RecoveryWithin(30).Delay(0, 0).Ready(0, 3).Requested(4).Ready(5, 2).Effect(5).Ready(8, 3).Awaited(18);
}
