using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Model.Timelines;
using Xunit;

namespace ChaosDrill.Model.Tests.Measures;

public sealed class ProbeMeasuresTests
{
    [Fact]
    public void Availability_KnownSamples_IsGoodOfAnswered()
    {
        var judged = Faulted(Availability("99.5%")).Samples(10, 995, true).Samples(1005, 5, false).Judged();

        var value = Assert.Single(judged.Objectives[0].Measure.Values);
        Assert.Equal((0.995, 0.995, 0.995), (value.Value!.Value, value.Low!.Value, value.High!.Value));
        Assert.Equal(Verdict.Pass, judged.Objectives[0].Verdict);
    }

    [Fact]
    public void Availability_SamplesBeforeTheEffect_DoNotFlatter()
    {
        var judged = Faulted(Availability("99%"), effect: 60).Samples(0, 600, true).Samples(601, 10, false).Samples(611, 90, true).Judged();

        Assert.Equal(0.9, judged.Objectives[0].Measure.Values[0].Value!.Value, 6);
        Assert.Equal(Verdict.Fail, judged.Objectives[0].Verdict);
    }

    [Fact]
    public void Availability_MissingSlots_WidenTheBoundsAndForbidAPass()
    {
        // Slots 60 to 69 left no trace: the process stood still, or worse.
        var judged = Faulted(Availability("99.5%")).Samples(10, 50, true).Samples(70, 940, true).Judged();

        var value = judged.Objectives[0].Measure.Values[0];
        Assert.Equal((1.0, 0.99, 1.0), (value.Value!.Value, value.Low!.Value, value.High!.Value));
        Assert.Equal(Verdict.Inconclusive, judged.Objectives[0].Verdict);
    }

    [Fact]
    public void Availability_ProbeThatCouldNotRun_IsNoSuccess()
    {
        var script = Faulted(Availability("99.5%")).Samples(10, 10, true);
        for (var slot = 20; slot < 40; slot++)
        {
            script.At(slot * 0.1, new ProbeSampled("web", slot, DrillScript.S(slot * 0.1), DrillScript.S(slot * 0.1), SampleOutcome.Unknown, "no API"));
        }

        Assert.Equal(Verdict.Inconclusive, script.Judged().Objectives[0].Verdict);
    }

    [Fact]
    public void Availability_NoSampleAtAll_IsInconclusive()
    {
        var judged = Faulted(Availability("0%")).Judged();

        Assert.Equal(Verdict.Inconclusive, judged.Objectives[0].Verdict);
        Assert.Equal(DrillOutcome.Inconclusive, judged.Outcome);
    }

    [Fact]
    public void Availability_SamplerThatDiedEarly_IsInconclusive()
    {
        var judged = Faulted(Availability("99%")).Samples(10, 20, true).At(100, new StageEntered(DrillStage.Ended)).Judged();

        Assert.Equal(Verdict.Inconclusive, judged.Objectives[0].Verdict);
    }

    [Fact]
    public void LongestOutage_KnownOutage_IsCountedFromFirstFailureToFirstSuccess()
    {
        var judged = Faulted(Outage(2)).Samples(10, 40, true).Samples(50, 32, false).Samples(82, 40, true).Judged();

        var value = judged.Objectives[0].Measure.Values[0];
        Assert.Equal(3.2, value.Value!.Value, 6);
        Assert.Equal(3.095, value.Low!.Value, 6);
        Assert.Equal(3.305, value.High!.Value, 6);
        Assert.Equal(Verdict.Fail, judged.Objectives[0].Verdict);
    }

    [Fact]
    public void LongestOutage_BegunBeforeTheEffectWasSeen_CountsWhole()
    {
        // A namespace serves no more from 5.0 s on, and is gone at 7.0 s.
        var judged = new DrillScript().Goal(Outage(2)).Requested(1).Samples(10, 40, true).Samples(50, 20, false).Effect(7).Samples(70, 12, false).Samples(82, 40, true).Judged();

        var value = judged.Objectives[0].Measure.Values[0];
        Assert.Equal(3.2, value.Value!.Value, 6);
        Assert.Equal(3.305, value.High!.Value, 6);
        Assert.Equal(Verdict.Fail, judged.Objectives[0].Verdict);
    }

    [Fact]
    public void Availability_GoodSamplesBetweenRequestAndEffect_DoNotFlatter()
    {
        var judged = new DrillScript().Goal(Availability("99%")).Requested(1).Samples(10, 590, true).Effect(60).Samples(601, 10, false).Samples(611, 90, true).Judged();

        Assert.Equal(0.9, judged.Objectives[0].Measure.Values[0].Value!.Value, 6);
    }

    [Fact]
    public void LongestOutage_FailuresApartFromEachOther_AreNotAddedUp()
    {
        var judged = Faulted(Outage(2)).Samples(10, 40, true).Samples(50, 15, false).Sample(65, true).Samples(66, 15, false).Samples(81, 40, true).Judged();

        Assert.Equal(1.5, judged.Objectives[0].Measure.Values[0].Value!.Value, 6);
        Assert.Equal(Verdict.Pass, judged.Objectives[0].Verdict);
    }

    [Fact]
    public void LongestOutage_StillFailingAtTheEnd_IsAtLeastThat()
    {
        var judged = Faulted(Outage(2)).Samples(10, 40, true).Samples(50, 100, false).Judged();

        var value = judged.Objectives[0].Measure.Values[0];
        Assert.Null(value.High);
        Assert.True(value.Low > 9);
        Assert.Equal(Verdict.Fail, judged.Objectives[0].Verdict);
    }

    [Fact]
    public void LongestOutage_GapInTheSamples_CouldHideOne()
    {
        var judged = Faulted(Outage(2)).Samples(10, 40, true).Samples(80, 40, true).Judged();

        var value = judged.Objectives[0].Measure.Values[0];
        Assert.Equal(0, value.Value!.Value, 6);
        Assert.True(value.High > 3);
        Assert.Equal(Verdict.Inconclusive, judged.Objectives[0].Verdict);
    }

    [Fact]
    public void LongestOutage_LimitBelowTheInterval_CannotBeKnown() =>
        Assert.Equal(Verdict.Inconclusive, Faulted(Outage(0.05)).Samples(10, 100, true).Judged().Objectives[0].Verdict);

    [Fact]
    public void Latency_Percentile_IsByNearestRank()
    {
        var script = Faulted(Latency("95%", 0.2));
        for (var i = 0; i < 100; i++)
        {
            script.Sample(10 + i, true, latency: 0.001 * (i + 1));
        }

        var judged = script.Judged();
        Assert.Equal(0.095, judged.Objectives[0].Measure.Values[0].Value!.Value, 6);
        Assert.Equal(Verdict.Pass, judged.Objectives[0].Verdict);
    }

    [Fact]
    public void Latency_FailedSamples_CountAsSlowerThanAnyAnswer()
    {
        var judged = Faulted(Latency("95%", 0.2)).Samples(10, 90, true).Samples(100, 10, false).Judged();

        Assert.Equal(Verdict.Fail, judged.Objectives[0].Verdict);
        Assert.Null(judged.Objectives[0].Measure.Values[0].High);
    }

    private static DrillScript Faulted(ObjectiveGoal goal, double effect = 1) =>
        new DrillScript().Goal(goal).Requested(effect - 0.001).Effect(effect);

    private static AvailabilityGoal Availability(string atLeast) =>
        new() { Probe = "web", AtLeast = Ratio.TryParse(atLeast, out var ratio) ? ratio : throw new ArgumentException(atLeast) };

    private static LongestOutageGoal Outage(double seconds) => new() { Probe = "web", AtMost = DrillScript.S(seconds) };

    private static LatencyGoal Latency(string percentile, double atMost) =>
        new() { Probe = "web", Percentile = Ratio.TryParse(percentile, out var p) ? p : default, AtMost = DrillScript.S(atMost) };
}
