using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Measures;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Model.Timelines;
using Xunit;

namespace ChaosDrill.Model.Tests.Measures;

public sealed class RecoveryTimeTests
{
    [Fact]
    public void Recovery_OnePodReplaced_IsFromEffectToReadyWithTheWatchDelayAsError()
    {
        var judged = new DrillScript().RecoveryWithin(30)
            .Ready(0, 3).Delay(1, 0.004).Requested(4.9).Ready(5, 2).Effect(5).Ready(12.3, 3).Awaited(22.3).Judged();

        var time = Assert.Single(judged.Recoveries).Time;
        Assert.Equal(7.3, time.Value!.Value, 6);
        Assert.Equal(7.296, time.Low!.Value, 6);
        Assert.Equal(7.304, time.High!.Value, 6);
        Assert.Equal(DrillOutcome.Pass, judged.Outcome);
    }

    [Fact]
    public void Recovery_Flap_RestartsTheStretch()
    {
        var judged = new DrillScript().RecoveryWithin(30).Delay(0, 0)
            .Ready(0, 3).Requested(4.9).Ready(5, 2).Effect(5).Ready(8, 3).Ready(15, 2).Ready(17, 3).Awaited(27).Judged();

        Assert.Equal(12, Assert.Single(judged.Recoveries).Time.Value!.Value, 6);
    }

    [Fact]
    public void Recovery_FlapAfterTheStableTime_DoesNotMoveTheRecovery()
    {
        var judged = new DrillScript().RecoveryWithin(30).Delay(0, 0)
            .Ready(0, 3).Requested(4.9).Ready(5, 2).Effect(5).Ready(8, 3).Ready(18, 2).Ready(19, 3).Awaited(29).Judged();

        Assert.Equal(3, Assert.Single(judged.Recoveries).Time.Value!.Value, 6);
    }

    [Fact]
    public void Recovery_TwoVictims_RunsFromTheFirstEffectUntilBothAreReplaced()
    {
        var judged = new DrillScript().RecoveryWithin(30).Delay(0, 0)
            .Ready(0, 3).Requested(4.9, "a").Requested(4.9, "b")
            .Ready(5, 2).Effect(5, "a").Ready(5.5, 1).Effect(5.5, "b").Ready(9, 2).Ready(11, 3).Awaited(21).Judged();

        Assert.Equal(6, Assert.Single(judged.Recoveries).Time.Value!.Value, 6);
    }

    [Fact]
    public void Recovery_FirstVictimReplacedBeforeTheSecondEffect_WaitsForTheSecond()
    {
        // A graceful second victim: between its replacement and its own end everything looked well for 20 s.
        var judged = new DrillScript().RecoveryWithin(60).Delay(0, 0)
            .Ready(0, 3).Requested(4.9, "a").Requested(4.9, "b")
            .Ready(5, 2).Effect(5, "a").Ready(8, 3).Ready(28, 2).Effect(28, "b").Ready(31, 3).Awaited(41).Judged();

        Assert.Equal(26, Assert.Single(judged.Recoveries).Time.Value!.Value, 6);
    }

    [Fact]
    public void Recovery_EffectThatReachesTheWorkloadLate_IsNotOverBeforeItCame()
    {
        // A node's kubelet dies at 5; the cluster notices at 50, longer than the stable time after it.
        var judged = new DrillScript().RecoveryWithin(60).Delay(0, 0)
            .Ready(0, 3).Requested(4.9).Effect(5).Ready(50, 2).Ready(58, 3).Awaited(68).Judged();

        Assert.Equal(53, Assert.Single(judged.Recoveries).Time.Value!.Value, 6);
        Assert.Equal(DrillOutcome.Pass, judged.Outcome);
    }

    [Fact]
    public void Recovery_OfAProbeThatFailsLate_IsNotOverBeforeItFailed()
    {
        var probe = new WorkloadReference(WorkloadReference.ProbeKind, "web");
        var judged = new DrillScript { Of = [probe] }.RecoveryWithin(20)
            .Requested(0.9).Effect(1).Samples(0, 300, true).Samples(300, 50, false).Samples(350, 120, true).Awaited(47).Judged();

        Assert.Equal(34, Assert.Single(judged.Recoveries).Time.Value!.Value, 1);
        Assert.Equal(DrillOutcome.Fail, judged.Outcome);
    }

    [Fact]
    public void Recovery_EffectNeverSeen_IsInconclusive()
    {
        var judged = new DrillScript().RecoveryWithin(30).Delay(0, 0)
            .Ready(0, 3).Requested(5).At(35, new StepEnded(0, 1, StepOutcome.NotProved, "the effect was never seen on Pod shop/pod-v1")).Judged();

        Assert.Equal(DrillOutcome.Inconclusive, judged.Outcome);
        Assert.Null(Assert.Single(judged.Recoveries).Time.Value);
        Assert.Equal(Verdict.Inconclusive, Assert.Single(judged.Objectives).Verdict);
        Assert.Contains("never seen", judged.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Recovery_OneOfTwoEffectsNotSeen_IsInconclusive()
    {
        var judged = new DrillScript().RecoveryWithin(30).Delay(0, 0)
            .Ready(0, 3).Requested(5, "a").Requested(5, "b").Ready(5, 2).Effect(5, "a").Ready(8, 3).Awaited(18).Judged();

        Assert.Equal(DrillOutcome.Inconclusive, judged.Outcome);
    }

    [Fact]
    public void Recovery_ReplacementNeverReady_IsAMissWithAValue()
    {
        var judged = new DrillScript().RecoveryWithin(30).Delay(0, 0)
            .Ready(0, 3).Requested(4.9).Ready(5, 2).Effect(5).Awaited(185, outcome: StepOutcome.TimedOut).Judged();

        var time = Assert.Single(judged.Recoveries).Time;
        Assert.Equal(180, time.Low!.Value, 6);
        Assert.Null(time.High);
        Assert.Equal(DrillOutcome.Fail, judged.Outcome);
        Assert.Contains("at least 3 min 0.0 s", judged.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Recovery_ReadyButNotStableAtTheTimeout_IsUnboundedAbove()
    {
        var judged = new DrillScript().RecoveryWithin(30).Delay(0, 0)
            .Ready(0, 3).Requested(4.9).Ready(5, 2).Effect(5).Ready(20, 3).Ready(24, 2).Ready(28, 3)
            .Awaited(33, outcome: StepOutcome.TimedOut).Judged();

        // It may hold from 28 s on (23 s of recovery), or break again: neither pass nor fail.
        var time = Assert.Single(judged.Recoveries).Time;
        Assert.Equal(23, time.Low!.Value, 6);
        Assert.Null(time.High);
        Assert.Equal(Verdict.Inconclusive, Assert.Single(judged.Objectives).Verdict);
    }

    [Fact]
    public void Recovery_ReadinessNeverDropped_IsInconclusiveAndNotZero()
    {
        var judged = new DrillScript().RecoveryWithin(30).Delay(0, 0)
            .Ready(0, 3).Requested(4.9).Effect(5).Awaited(20).Judged();

        Assert.Equal(Verdict.Inconclusive, Assert.Single(judged.Objectives).Verdict);
        Assert.Contains("took no readiness", judged.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Recovery_WithoutAMeasuredWatchDelay_CannotPass()
    {
        var judged = new DrillScript().RecoveryWithin(30)
            .Ready(0, 3).Requested(4.9).Ready(5, 2).Effect(5).Ready(8, 3).Awaited(18).Judged();

        Assert.Equal(Verdict.Inconclusive, Assert.Single(judged.Objectives).Verdict);
    }

    [Fact]
    public void Recovery_LimitWithinTheUncertainty_IsInconclusive()
    {
        var judged = new DrillScript().RecoveryWithin(3.05).Delay(0, 0.1)
            .Ready(0, 3).Requested(4.9).Ready(5, 2).Effect(5).Ready(8, 3).Awaited(18).Judged();

        Assert.Equal(Verdict.Inconclusive, Assert.Single(judged.Objectives).Verdict);
    }

    [Fact]
    public void Recovery_WatchCutAndListedAnewWhileDown_WidensTheLowerBound()
    {
        // Blind from 6 s to 9 s; when it sees again all is well. It became so somewhere in between.
        var judged = new DrillScript().RecoveryWithin(30).Delay(0, 0)
            .Ready(0, 3).Requested(4.9).Ready(5, 2).Effect(5).Gap(6, 9, lost: true).Ready(9, 3).Awaited(19).Judged();

        var time = Assert.Single(judged.Recoveries).Time;
        Assert.Equal((4.0, 1.0, 4.0), (time.Value!.Value, time.Low!.Value, time.High!.Value));
        Assert.Equal(DrillOutcome.Pass, judged.Outcome);
    }

    [Theory]
    [InlineData(30, Verdict.Pass)]
    [InlineData(5, Verdict.Inconclusive)]
    [InlineData(2, Verdict.Fail)]
    public void Recovery_LossWhileBeingConfirmed_CountsOnlyWhatTheGapCannotHide(double limit, Verdict expected)
    {
        // Ready at 8 s, blind with loss from 10 s to 14 s: a flap in there would make it 9 s instead of 3 s.
        var judged = new DrillScript().RecoveryWithin(limit).Delay(0, 0)
            .Ready(0, 3).Requested(4.9).Ready(5, 2).Effect(5).Ready(8, 3).Gap(10, 14, lost: true).Awaited(24).Judged();

        var time = Assert.Single(judged.Recoveries).Time;
        Assert.Equal((3.0, 3.0, 9.0), (time.Value!.Value, time.Low!.Value, time.High!.Value));
        Assert.Equal(expected, Assert.Single(judged.Objectives).Verdict);
    }

    [Fact]
    public void Recovery_LossThatWasNotFollowedByTheStableTime_IsUnboundedAbove()
    {
        var judged = new DrillScript().RecoveryWithin(30).Delay(0, 0)
            .Ready(0, 3).Requested(4.9).Ready(5, 2).Effect(5).Ready(8, 3).Gap(10, 14, lost: true).Awaited(18).Judged();

        Assert.Null(Assert.Single(judged.Recoveries).Time.High);
        Assert.Equal(Verdict.Inconclusive, Assert.Single(judged.Objectives).Verdict);
    }

    [Fact]
    public void Recovery_EffectSeenOnlyAfterAGap_CannotHaveComeBeforeTheRequest()
    {
        var judged = new DrillScript().RecoveryWithin(30).Delay(0, 0)
            .Ready(0, 3).Requested(5).Gap(4, 7, true).Gap(4, 7, true, "effects").Ready(7, 2).Effect(7).Ready(10, 3).Awaited(20).Judged();

        var time = Assert.Single(judged.Recoveries).Time;
        Assert.Equal((3.0, 3.0, 5.0), (time.Value!.Value, time.Low!.Value, time.High!.Value));
    }

    [Fact]
    public void Recovery_ProcessStoodStill_WidensTheInstantsRightAfterIt()
    {
        var judged = new DrillScript().RecoveryWithin(30).Delay(0, 0)
            .Ready(0, 3).Requested(4.9).Ready(5, 2).Effect(5).Gap(6, 9, false, "clock").Ready(9.01, 3).Awaited(20).Judged();

        var time = Assert.Single(judged.Recoveries).Time;
        Assert.Equal((4.01, 1.0), (Math.Round(time.Value!.Value, 6), time.Low!.Value));
    }

    [Fact]
    public void Recovery_GapOfAnotherWorkload_ChangesNothing()
    {
        var judged = new DrillScript().RecoveryWithin(30).Delay(0, 0)
            .Ready(0, 3).Requested(4.9).Ready(5, 2).Effect(5).Gap(6, 9, true, "deployment/catalog").Ready(9.01, 3).Awaited(20).Judged();

        Assert.Equal(4.01, Assert.Single(judged.Recoveries).Time.Low!.Value, 6);
    }

    [Fact]
    public void Recovery_Repeated_GivesEachRunAndTheirSpread()
    {
        var script = new DrillScript().RecoveryWithin(30).Delay(0, 0).Ready(0, 3);
        double[] takes = [2, 4, 3, 10, 5];
        for (var i = 0; i < takes.Length; i++)
        {
            var t = 100.0 * (i + 1);
            script.Requested(t - 0.1, "v", i + 1).Ready(t, 2).Effect(t, "v", i + 1).Ready(t + takes[i], 3).Awaited(t + takes[i] + 10, i + 1);
        }

        var judged = script.Judged();
        var spread = Assert.Single(judged.Objectives).Measure.Spread!;
        Assert.Equal(new Spread(5, 2, 4, 10, 10), spread with { P95 = Math.Round(spread.P95, 6), Max = Math.Round(spread.Max, 6), Median = Math.Round(spread.Median, 6), Min = Math.Round(spread.Min, 6) });
        Assert.Equal(DrillOutcome.Pass, judged.Outcome);
    }

    [Fact]
    public void Recovery_OneOfSeveralRunsMissesTheLimit_FailsAndNamesTheRun()
    {
        var judged = new DrillScript().RecoveryWithin(5).Delay(0, 0).Ready(0, 3)
            .Requested(9.9).Ready(10, 2).Effect(10).Ready(12, 3).Awaited(22)
            .Requested(29.9, iteration: 2).Ready(30, 2).Effect(30, iteration: 2).Ready(38, 3).Awaited(48, 2).Judged();

        Assert.Equal(DrillOutcome.Fail, judged.Outcome);
        Assert.Contains("run 2 of 2", judged.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Marks_OfARecovery_NameTheCostliestPhase()
    {
        var judged = new DrillScript().RecoveryWithin(30).Delay(0, 0)
            .Ready(0, 3).Requested(4.9).Ready(5, 2).Effect(5)
            .Pod(5.1, "new", PodMilestone.Created).Pod(5.2, "new", PodMilestone.Scheduled).Pod(5.9, "new", PodMilestone.Started)
            .Pod(12.3, "new", PodMilestone.Ready).Ready(12.3, 3).Pod(12.4, "new", PodMilestone.InEndpoints).Awaited(22.3).Judged();

        var recovery = Assert.Single(judged.Recoveries);
        Assert.Equal("started → ready", recovery.CostliestPhase);
        Assert.Equal(
            ["requested", "took effect", "replacement created", "scheduled", "started", "ready", "recovered", "in endpoints", "stable"],
            recovery.Marks.Select(m => m.Name));
    }

    [Fact]
    public void Marks_BesideAnotherProbe_AreThoseOfTheProbeThatRecovered()
    {
        var script = new DrillScript { Of = [new WorkloadReference("probe", "web")], StableFor = 2 }.RecoveryWithin(10)
            .Samples(0, 50, true).Requested(4.95).Effect(5);
        for (var slot = 50; slot < 122; slot++)
        {
            script.Sample(slot, slot >= 82).Sample(slot, slot != 52, 0.006, "other");
        }

        var marks = Assert.Single(script.Awaited(12.3).Judged().Recoveries).Marks;
        Assert.Equal([("first failed probe", 5.005, "web"), ("serving", 8.205, "web")],
            marks.Where(m => m.Name is "first failed probe" or "serving").Select(m => (m.Name, Math.Round(m.At.TotalSeconds, 6), m.Detail!)));
    }

    [Fact]
    public void Marks_OfAWorkload_ServeWhenEveryProbeThatFailedSucceeds()
    {
        var script = new DrillScript().RecoveryWithin(30).Delay(0, 0)
            .Ready(0, 3).Requested(4.9).Ready(5, 2).Effect(5).Ready(12.3, 3);
        for (var slot = 50; slot < 222; slot++)
        {
            script.Sample(slot, slot >= 82).Sample(slot, slot is < 60 or > 90, 0.006, "other").Sample(slot, true, 0.007, "third");
        }

        var serving = Assert.Single(Assert.Single(script.Awaited(22.3).Judged().Recoveries).Marks, m => m.Name == "serving");
        Assert.Equal((9.106, "other"), (Math.Round(serving.At.TotalSeconds, 6), serving.Detail));
    }

    [Fact]
    public void Recovery_OfAProbe_RunsToTheFirstGoodSampleOfTheStretch()
    {
        var probe = new WorkloadReference("probe", "web");
        var judged = new DrillScript { Of = [probe], StableFor = 2 }.RecoveryWithin(10)
            .Samples(0, 50, true).Requested(4.95).Effect(5).Samples(50, 32, false).Samples(82, 40, true).Awaited(12.3).Judged();

        var time = Assert.Single(judged.Recoveries).Time;
        Assert.Equal(3.2, time.Value!.Value, 6);
        Assert.True(time.Low <= 3.2 && time.High >= 3.2 && time.High - time.Low <= 0.41);
    }
}
