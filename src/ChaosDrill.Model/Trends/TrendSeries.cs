using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Measures;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Model.Trends;

/// <summary>One value of one drill.</summary>
/// <param name="Drill">The drill.</param>
/// <param name="Iteration">Which repetition, from 1; 0 for the whole drill.</param>
/// <param name="Value">The value; infinite when what was timed never came.</param>
/// <param name="Verdict">Whether the drill's own objective was met.</param>
public sealed record TrendPoint(DrillHeader Drill, int Iteration, double Value, Verdict Verdict);

/// <summary>What one objective measured over many drills of a scenario, the oldest first.</summary>
public sealed record TrendSeries
{
    /// <summary>What is measured, such as <c>recoveryTime</c>.</summary>
    public required string Metric { get; init; }

    /// <summary>What it is measured on.</summary>
    public required string Subject { get; init; }

    /// <summary>Unit of the values.</summary>
    public required MeasureUnit Unit { get; init; }

    /// <summary>The newest drill's limit; null when it has none.</summary>
    public required double? Limit { get; init; }

    /// <summary>The values, the oldest first.</summary>
    public required IReadOnlyList<TrendPoint> Points { get; init; }

    /// <summary>How many values could not be known. They are no values, and no zeros either.</summary>
    public required int Unknown { get; init; }

    /// <summary>The newest drill's own word for the goal.</summary>
    public required ObjectiveGoal Goal { get; init; }

    /// <summary>Spread of the values; null when there are none.</summary>
    public Spread? Spread => Points.Count == 0 ? null : Measures.Spread.Of([.. Points.Select(p => p.Value)]);

    /// <summary>
    /// Values further than one and a half times the interquartile range from the middle half (Tukey's fences, 1977); empty
    /// below five values, where there is no middle half to speak of.
    /// </summary>
    public IReadOnlyList<TrendPoint> Outliers
    {
        get
        {
            if (Points.Count < 5)
            {
                return [];
            }

            double[] sorted = [.. Points.Select(p => p.Value).Order()];
            var (low, high) = (sorted[Measures.Spread.NearestRank(sorted.Length, 0.25)], sorted[Measures.Spread.NearestRank(sorted.Length, 0.75)]);
            var reach = double.IsInfinity(high) ? 0 : 1.5 * (high - low);
            return [.. Points.Where(p => p.Value < low - reach || p.Value > high + reach)];
        }
    }

    /// <summary>
    /// The series of drills of one scenario: one for each objective of the newest. A value without an upper bound counts as
    /// infinite, for dropping it would make a cluster that no longer recovers look better.
    /// </summary>
    /// <param name="drills">In any order.</param>
    public static IReadOnlyList<TrendSeries> Of(IEnumerable<(DrillHeader Header, Judgement Judgement)> drills)
    {
        List<(DrillHeader Header, Judgement Judgement)> ordered = [.. drills.OrderBy(d => d.Header.StartedAt)];
        return ordered.Count == 0 ? [] : [.. ordered[^1].Header.Objectives.Select(goal => Of(goal, ordered))];
    }

    private static TrendSeries Of(ObjectiveGoal goal, IReadOnlyList<(DrillHeader Header, Judgement Judgement)> drills)
    {
        List<TrendPoint> points = [];
        var (unknown, unit) = (0, MeasureUnit.Seconds);
        foreach (var (header, judgement) in drills)
        {
            foreach (var result in judgement.Objectives.Where(o => o.Goal.Metric == goal.Metric && o.Goal.Subject == goal.Subject))
            {
                unit = result.Measure.Unit;
                foreach (var value in result.Measure.Values)
                {
                    if (value.Value is not { } number)
                    {
                        unknown++;
                        continue;
                    }

                    points.Add(new TrendPoint(header, value.Iteration, value.High is null ? double.PositiveInfinity : number, result.Verdict));
                }
            }
        }

        return new TrendSeries
        {
            Metric = goal.Metric, Subject = goal.Subject, Unit = unit, Limit = GoalLimit.Of(goal)?.Number, Points = points, Unknown = unknown, Goal = goal,
        };
    }
}
