using System.Globalization;
using System.Text.Json.Nodes;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Measures;
using ChaosDrill.Model.Trends;

namespace ChaosDrill.Views;

/// <summary>A scenario's measures over many drills: numbers, a drawn line, and whether the newest are worse.</summary>
internal static class TrendView
{
    private const int Height = 8;

    /// <summary>One series with its judgement, for people.</summary>
    /// <param name="series">The series.</param>
    /// <param name="regression">What the newest drills are worth beside the earlier ones.</param>
    /// <param name="width">Columns of the terminal.</param>
    public static IEnumerable<StyledLine> Of(TrendSeries series, Regression regression, int width)
    {
        var limit = series.Limit is { } at ? "  " + (series.Metric == "availability" ? "at least " : "at most ") + Value(series, at) : "";
        yield return new StyledLine().Add($"{series.Metric} of {series.Subject}", Tone.Strong).Add(limit, Tone.Faint);
        if (series.Spread is not { } spread)
        {
            yield return new StyledLine().Add($"  no value is known ({Figures.Count(series.Unknown, "value")} could not be known)", Tone.Warning);
            yield break;
        }

        var unknown = series.Unknown > 0 ? $", {series.Unknown} more could not be known" : "";
        yield return new StyledLine().Add(
            $"  median {Value(series, spread.Median)}   p95 {Value(series, spread.P95)}   min {Value(series, spread.Min)}   max {Value(series, spread.Max)}   n = {spread.Count}{unknown}");
        if (spread.Count > 1)
        {
            foreach (var line in Drawn(series, width))
            {
                yield return line;
            }
        }

        foreach (var outlier in series.Outliers)
        {
            yield return new StyledLine().Add("  outlier ", Tone.Warning).Add($"{Value(series, outlier.Value)} in {outlier.Drill.Id}{(outlier.Iteration > 1 ? $" #{outlier.Iteration}" : "")}");
        }

        foreach (var (before, after) in series.Points.Zip(series.Points.Skip(1)).Where(p => p.First.Drill.Source.Digest != p.Second.Drill.Source.Digest))
        {
            yield return new StyledLine().Add($"  the scenario changed before {after.Drill.Id}", Tone.Faint);
        }

        yield return new StyledLine().Add("  " + regression.Verdict.ToString().ToLowerInvariant(), ToneOf(regression.Verdict)).Add($"  {regression.Reason}");
    }

    /// <summary>One series for programs.</summary>
    public static JsonNode Node(TrendSeries series, Regression regression) => new JsonObject
    {
        ["metric"] = series.Metric,
        ["subject"] = series.Subject,
        ["unit"] = ResultJson.Word(series.Unit),
        ["limit"] = series.Limit,
        ["n"] = series.Points.Count,
        ["unknown"] = series.Unknown,
        ["median"] = Number(series.Spread?.Median),
        ["p95"] = Number(series.Spread?.P95),
        ["min"] = Number(series.Spread?.Min),
        ["max"] = Number(series.Spread?.Max),
        ["regression"] = new JsonObject
        {
            ["verdict"] = regression.Verdict.ToString().ToLowerInvariant(),
            ["p"] = regression.Chance,
            ["shift"] = Number(regression.Shift),
            ["recent"] = regression.Recent,
            ["earlier"] = regression.Earlier,
            ["reason"] = regression.Reason,
        },
        ["points"] = new JsonArray([.. series.Points.Select(p => (JsonNode)new JsonObject
        {
            ["drill"] = p.Drill.Id,
            ["startedAt"] = p.Drill.StartedAt.ToString("O", CultureInfo.InvariantCulture),
            ["iteration"] = p.Iteration,
            ["value"] = Number(p.Value),
            ["verdict"] = p.Verdict.ToString().ToLowerInvariant(),
            ["outlier"] = series.Outliers.Contains(p),
            ["scenarioDigest"] = p.Drill.Source.Digest,
        })]),
    };

    /// <summary>All series as a table of values.</summary>
    public static string Table(IEnumerable<TrendSeries> all) => Csv.Of(
        ["drill", "started_at", "metric", "subject", "unit", "iteration", "value", "limit", "verdict", "outlier", "scenario_digest"],
        all.SelectMany(s => s.Points.Select(p => (IEnumerable<object?>)
        [
            p.Drill.Id, p.Drill.StartedAt, s.Metric, s.Subject, ResultJson.Word(s.Unit), p.Iteration, p.Value, s.Limit,
            p.Verdict.ToString().ToLowerInvariant(), s.Outliers.Contains(p), p.Drill.Source.Digest,
        ])));

    // JSON has no infinity; the word says what it stands for.
    private static JsonValue? Number(double? value) => value switch
    {
        null => null,
        { } v when double.IsInfinity(v) => JsonValue.Create(v > 0 ? "infinite" : "-infinite"),
        { } v => JsonValue.Create(v),
    };

    private static IEnumerable<StyledLine> Drawn(TrendSeries series, int width)
    {
        var labels = 12;
        var points = series.Points.TakeLast(Math.Max(10, width - labels - 6)).ToList();
        double[] scale = [.. points.Select(p => p.Value).Where(v => !double.IsInfinity(v)), .. series.Limit is { } l && IsNear(l, points) ? [l] : Array.Empty<double>()];
        var (low, high) = scale.Length == 0 ? (0, 1) : (scale.Min(), scale.Max());

        // A flat line needs no height.
        var height = high > low ? Height : 1;
        int Row(double v) => double.IsInfinity(v) ? height : height == 1 ? 0 : (int)Math.Round((v - low) / (high - low) * (height - 1));
        var outliers = series.Outliers.ToHashSet();
        var limitRow = series.Limit is { } limit && limit >= low && limit <= high ? Row(limit) : -1;
        for (var row = points.Any(p => double.IsInfinity(p.Value)) ? height : height - 1; row >= 0; row--)
        {
            var label = row == height ? "never" : row == height - 1 ? Value(series, high) : row == 0 ? Value(series, low) : row == limitRow ? "limit" : "";
            var line = new StyledLine().Add($"  {label,12} ", Tone.Faint).Add(row == limitRow ? "┼" : "┤", Tone.Faint);
            foreach (var point in points)
            {
                _ = Row(point.Value) == row
                    ? line.Add(outliers.Contains(point) ? "○" : "●", point.Verdict == Verdict.Pass ? Tone.Good : point.Verdict == Verdict.Fail ? Tone.Bad : Tone.Warning)
                    : line.Add(row == limitRow ? "─" : " ", Tone.Faint);
            }

            yield return line;
        }

        yield return new StyledLine().Add(
            $"  {"",12} └{new string('─', points.Count)}  {Date(points[0])} to {Date(points[^1])}, one column a value, ○ outlier", Tone.Faint);
    }

    // A limit far above everything would press the line flat.
    private static bool IsNear(double limit, List<TrendPoint> points)
    {
        var finite = points.Select(p => p.Value).Where(v => !double.IsInfinity(v)).ToList();
        return finite.Count > 0 && limit <= 3 * finite.Max();
    }

    private static string Date(TrendPoint point) => point.Drill.StartedAt.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Value(TrendSeries series, double value) => double.IsInfinity(value) ? "never" : Figures.Value(series.Unit, value, series.Limit);

    private static Tone ToneOf(RegressionVerdict verdict) => verdict switch
    {
        RegressionVerdict.Steady => Tone.Good,
        RegressionVerdict.Regressed => Tone.Bad,
        _ => Tone.Warning,
    };
}
