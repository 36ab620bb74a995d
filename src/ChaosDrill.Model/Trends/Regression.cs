using ChaosDrill.Model.Measures;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Model.Trends;

/// <summary>Whether the newest drills are worse than those before them.</summary>
public enum RegressionVerdict
{
    /// <summary>Nothing says that they are.</summary>
    Steady,

    /// <summary>They are worse, by more than chance and by more than the least shift.</summary>
    Regressed,

    /// <summary>There are too few values to tell.</summary>
    Inconclusive,
}

/// <summary>How a series is judged.</summary>
public sealed record RegressionRule
{
    /// <summary>How many of the newest drills are judged.</summary>
    public int Recent { get; init; } = 3;

    /// <summary>At most how many drills before them they are held against.</summary>
    public int Earlier { get; init; } = 30;

    /// <summary>Chance of a false alarm that is accepted, 0 to 1.</summary>
    public double Alpha { get; init; } = 0.05;

    /// <summary>A shift smaller than this share of the earlier median is no regression, however certain it is.</summary>
    public double LeastShift { get; init; } = 0.05;
}

/// <summary>The newest drills of a series beside the distribution of earlier ones.</summary>
/// <param name="Verdict">What follows.</param>
/// <param name="Chance">Chance of ranks this bad without any change (p); null when it was not tested.</param>
/// <param name="Shift">By how much the newest are larger (negative: smaller); null when it was not tested.</param>
/// <param name="Recent">How many values were judged.</param>
/// <param name="Earlier">How many they were held against.</param>
/// <param name="Reason">Why, in one sentence.</param>
public sealed record Regression(RegressionVerdict Verdict, double? Chance, double? Shift, int Recent, int Earlier, string Reason)
{
    /// <summary>Judges a series by the rank-sum test (<see cref="RankSum"/>), never against a single drill.</summary>
    public static Regression Of(TrendSeries series, RegressionRule rule)
    {
        var drills = series.Points.Select(p => p.Drill.Id).Distinct().ToList();
        var newest = drills.TakeLast(rule.Recent).ToHashSet();
        var before = drills.SkipLast(rule.Recent).TakeLast(rule.Earlier).ToHashSet();
        double[] recent = [.. series.Points.Where(p => newest.Contains(p.Drill.Id)).Select(p => p.Value)];
        double[] earlier = [.. series.Points.Where(p => before.Contains(p.Drill.Id)).Select(p => p.Value)];
        if (earlier.Length == 0 || RankSum.SmallestChance(earlier.Length, recent.Length) > rule.Alpha)
        {
            return new Regression(
                RegressionVerdict.Inconclusive, null, null, recent.Length, earlier.Length,
                $"{Figures.Count(recent.Length, "new value")} against {Figures.Count(earlier.Length, "earlier one")} can never be told from chance at {rule.Alpha:0.###}: drill more");
        }

        var sign = GoalLimit.Of(series.Goal) is { MoreIsBetter: true } ? -1 : 1;
        var chance = RankSum.ChanceOfLarger([.. earlier.Select(v => sign * v)], [.. recent.Select(v => sign * v)]);
        var shift = RankSum.Shift(earlier, recent);
        var least = series.Unit == MeasureUnit.Share ? 0 : rule.LeastShift * Spread.Of(earlier).Median;
        var tested = $"p = {chance:0.####} by the rank-sum test, {recent.Length} against {earlier.Length} values";
        if (chance > rule.Alpha)
        {
            return new Regression(RegressionVerdict.Steady, chance, shift, recent.Length, earlier.Length, $"not told from chance: {tested}");
        }

        return sign * shift > least
            ? new Regression(RegressionVerdict.Regressed, chance, shift, recent.Length, earlier.Length, $"worse by {Size(series.Unit, shift)}: {tested}")
            : new Regression(
                RegressionVerdict.Steady, chance, shift, recent.Length, earlier.Length,
                $"worse by {Size(series.Unit, shift)} only, less than {rule.LeastShift * 100:0.#}% of the earlier median: {tested}");
    }

    private static string Size(MeasureUnit unit, double shift) =>
        double.IsInfinity(shift) ? "more than was observed" : Figures.Value(unit, Math.Abs(shift));
}
