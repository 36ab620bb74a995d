using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Measures;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Model.Trends;
using Xunit;

namespace ChaosDrill.Model.Tests.Trends;

public sealed class RegressionTests
{
    private static readonly WorkloadReference Storefront = new("deployment", "storefront");

    private static readonly RegressionRule Rule = new();

    [Fact]
    public void Of_NewestThreeClearlySlower_Regressed()
    {
        var regression = Regression.Of(Times([2.5, 2.6, 2.4, 2.5, 2.7, 2.55, 3.9, 4.1, 4.0]), Rule);

        Assert.Equal((RegressionVerdict.Regressed, 3, 6), (regression.Verdict, regression.Recent, regression.Earlier));
        Assert.Equal(1.0 / 84, regression.Chance!.Value, 10);
        Assert.Equal("worse by 1.48 s: p = 0.0119 by the rank-sum test, 3 against 6 values", regression.Reason);
    }

    [Fact]
    public void Of_OneSlowDrillAmongGoodOnes_IsNoRegression() =>
        Assert.Equal(RegressionVerdict.Steady, Regression.Of(Times([2.5, 2.6, 2.4, 2.5, 2.7, 2.55, 2.5, 9.0, 2.4]), Rule).Verdict);

    [Fact]
    public void Of_SlowerByAHair_IsNoRegressionHoweverCertain()
    {
        var regression = Regression.Of(Times([2.500, 2.501, 2.502, 2.503, 2.504, 2.505, 2.511, 2.512, 2.513]), Rule);

        Assert.Equal(RegressionVerdict.Steady, regression.Verdict);
        Assert.StartsWith("worse by 9.5 ms only, less than 5% of the earlier median", regression.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_FasterThanEver_IsSteady() =>
        Assert.Equal(RegressionVerdict.Steady, Regression.Of(Times([4, 4, 4, 4, 4, 4, 1, 1, 1]), Rule).Verdict);

    [Fact]
    public void Of_LessAvailable_RegressedThoughTheNumberIsSmaller() =>
        Assert.Equal(RegressionVerdict.Regressed, Regression.Of(Shares([1, 1, 0.999, 1, 1, 0.99, 0.98, 0.97]), Rule).Verdict);

    [Fact]
    public void Of_MoreAvailable_IsSteady() =>
        Assert.Equal(RegressionVerdict.Steady, Regression.Of(Shares([0.9, 0.91, 0.92, 0.9, 0.9, 1, 1, 1]), Rule).Verdict);

    [Theory]
    [InlineData(new double[0])]
    [InlineData(new[] { 2.5 })]
    [InlineData(new[] { 2.5, 2.5, 9, 9, 9 })] // 3 against 2: one in ten at best
    public void Of_TooFewToTell_IsInconclusive(double[] values) =>
        Assert.Equal(RegressionVerdict.Inconclusive, Regression.Of(Times(values), Rule).Verdict);

    [Fact]
    public void Of_NewestNeverRecovered_Regressed()
    {
        var series = TrendSeries.Of(Drills([2.5, 2.6, 2.4, 2.5, 2.7]).Concat(
            Enumerable.Range(10, 3).Select(i => Drill(i, new Measure(MeasureUnit.Seconds, [new MeasuredValue(1, 180, 180, null, "not recovered")])))));

        Assert.Equal(RegressionVerdict.Regressed, Regression.Of(Assert.Single(series), Rule).Verdict);
    }

    [Fact]
    public void Series_UnknownValue_IsCountedAndNeitherZeroNorLost()
    {
        var series = Assert.Single(TrendSeries.Of(Drills([2.5, 2.6]).Append(Drill(9, new Measure(MeasureUnit.Seconds, [MeasuredValue.Unknown(1, "a gap")])))));

        Assert.Equal((2, 1, 2.55), (series.Points.Count, series.Unknown, series.Spread!.Median));
    }

    [Fact]
    public void Series_Outlier_IsBeyondTukeysFence()
    {
        Assert.Equal([9.0], Times([2.5, 2.6, 2.4, 9.0, 2.5, 2.7]).Outliers.Select(o => o.Value));
        Assert.Empty(Times([2.5, 9, 2.5, 2.5]).Outliers);
    }

    [Fact]
    public void Series_NoDrill_IsNoSeries() => Assert.Empty(TrendSeries.Of([]));

    private static TrendSeries Times(double[] values) => values.Length == 0
        ? new TrendSeries { Metric = "recoveryTime", Subject = "deployment/storefront", Unit = MeasureUnit.Seconds, Limit = 30, Points = [], Unknown = 0, Goal = Goal() }
        : Assert.Single(TrendSeries.Of(Drills(values)));

    private static TrendSeries Shares(double[] values) => Assert.Single(TrendSeries.Of(values.Select((v, i) =>
        Drill(i, new Measure(MeasureUnit.Share, [new MeasuredValue(0, v, v, v, null)]), new AvailabilityGoal { Probe = "storefront", AtLeast = new Ratio(0.95) }))));

    private static IEnumerable<(DrillHeader Header, Judgement Judgement)> Drills(double[] values) =>
        values.Select((v, i) => Drill(i, new Measure(MeasureUnit.Seconds, [new MeasuredValue(1, v, v, v, null)])));

    private static RecoveryTimeGoal Goal() => new() { Of = Storefront, AtMost = TimeSpan.FromSeconds(30) };

    private static (DrillHeader Header, Judgement Judgement) Drill(int day, Measure measure, ObjectiveGoal? goal = null) => (
        new DrillHeader
        {
            Id = $"drill-{day:00}", Scenario = "pod-kill", Source = new ScenarioSource("", "", "ab12"), StartedAt = DateTimeOffset.UnixEpoch.AddDays(day), ToolVersion = "test",
            Plan = new Plan { Scenario = "pod-kill", ScenarioDigest = "ab12", Cluster = new ClusterIdentity("twin", "", "", true), Namespace = "shop", Seed = 7, Repeat = 1, Steps = [], Access = [], Refusals = [] },
            Probes = [], Awaits = [], SteadyState = [], Objectives = [goal ?? Goal()],
        },
        new Judgement { Outcome = DrillOutcome.Pass, Reason = "", UndoComplete = true, Recoveries = [], Objectives = [new ObjectiveResult(goal ?? Goal(), measure, Verdict.Pass, "")] });
}
