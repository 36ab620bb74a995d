using System.Globalization;
using System.Text;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Measures;
using ChaosDrill.Model.Trends;
using ChaosDrill.Reports.Wording;

namespace ChaosDrill.Reports.Charts;

/// <summary>A measure over the last drills, with the objective's line; outliers are rings, the newest is labelled.</summary>
internal static class TrendChart
{
    private const int MostPoints = 60;
    private const double Left = 62;
    private const double Top = 14;
    private const double Height = 150;

    public static string Draw(TrendSeries series, string id, double width, string? style = null)
    {
        var points = series.Points.TakeLast(MostPoints).ToList();
        var spread = series.Spread!;
        string Value(double v) => double.IsInfinity(v) ? "never" : Figures.Value(series.Unit, v);
        var canvas = new SvgCanvas(
            id, width, $"{Words.Metric(series.Goal)} of {Plain.Line(series.Subject)} over {points.Count} values",
            $"Median {Value(spread.Median)}, 95th percentile {Value(spread.P95)}, newest {Value(points[^1].Value)}. {Figures.Count(series.Outliers.Count, "outlier")}.");
        double[] finite = [.. points.Select(p => p.Value).Where(double.IsFinite)];

        // A limit far above everything would press the line flat: then it is named, not drawn.
        var most = finite.Length == 0 ? 1 : finite.Max();
        var limit = series.Limit is { } l && l <= 4 * most ? series.Limit : null;
        var top = Math.Max(most, limit ?? 0) * 1.12;
        top = top > 0 ? top : 1;
        double Y(double v) => double.IsInfinity(v) ? Top : Top + Height - (v / top * Height);
        double X(int i) => Left + 10 + ((width - Left - 30) * (points.Count == 1 ? 0.5 : (double)i / (points.Count - 1)));
        foreach (var tick in (double[])[0, most / 2, most])
        {
            canvas.Line("cd-grid", Left, Y(tick), width, Y(tick));
            canvas.Text("cd-tick", Left - 6, Y(tick) + 4, Value(tick), "end");
        }

        if (limit is { } at)
        {
            canvas.Line("cd-mark cd-requested", Left, Y(at), width, Y(at));
            canvas.Caption("cd-label cd-requested", Left + 4, Y(at) - 4, "objective " + Value(at));
        }
        else if (series.Limit is { } far)
        {
            canvas.Caption("cd-tick", Left + 4, Top - 3, $"the objective, {Value(far)}, lies far above");
        }

        var path = new StringBuilder();
        for (var i = 0; i < points.Count; i++)
        {
            path.Append(i == 0 ? 'M' : 'L').Append(SvgCanvas.Number(X(i))).Append(' ').Append(SvgCanvas.Number(Y(points[i].Value)));
        }

        canvas.Shape("cd-trend", path);
        var outliers = series.Outliers.ToHashSet();
        for (var i = 0; i < points.Count; i++)
        {
            var point = points[i];
            canvas.Circle(point.Verdict switch { Verdict.Pass => "cd-success", Verdict.Fail => "cd-failure", _ => "cd-unknown" }, X(i), Y(point.Value), 3.4);
            if (outliers.Contains(point))
            {
                canvas.Circle("cd-ring", X(i), Y(point.Value), 6.5);
            }
        }

        canvas.Text("cd-tick", Left, Top + Height + 16, Day(points[0]));
        canvas.Text("cd-tick", width - 4, Top + Height + 16, Day(points[^1]), "end");
        if (outliers.Count > 0)
        {
            canvas.Text("cd-legend", Left + ((width - Left) / 2), Top + Height + 16, "ringed: outlier", "middle");
        }

        return canvas.Finish(Top + Height + 22, style);
    }

    private static string Day(TrendPoint point) => point.Drill.StartedAt.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
