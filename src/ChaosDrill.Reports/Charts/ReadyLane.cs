using System.Globalization;
using System.Text;

namespace ChaosDrill.Reports.Charts;

/// <summary>Draws ready pods against desired ones as step lines; what is lacking is filled.</summary>
internal static class ReadyLane
{
    private const double Height = 78;

    public static double Draw(SvgCanvas canvas, TimeAxis axis, double top, WorkloadSeries series)
    {
        canvas.Caption("cd-lane", axis.Left, top + 11, SvgCanvas.Fit($"{series.Workload}: pods ready", axis.Width));
        top += 18;
        var most = Math.Max(1, series.Points.Max(p => Math.Max(p.Desired ?? 0, p.Ready)));
        double Y(int pods) => top + Height - (pods / (double)most * (Height - 6));

        foreach (var pods in Labels(most))
        {
            canvas.Line("cd-grid", axis.Left, Y(pods), axis.Right, Y(pods));
            canvas.Text("cd-tick", axis.Left - 6, Y(pods) + 3.5, pods.ToString(CultureInfo.InvariantCulture), "end");
        }

        var (ready, desired, lacking) = (new StringBuilder(), new StringBuilder(), new StringBuilder());
        var drawn = (Ready: (double?)null, Desired: (double?)null);
        var points = series.Points;
        for (var i = 0; i < points.Count; i++)
        {
            var from = points[i].At;
            var to = i + 1 < points.Count ? points[i + 1].At : axis.To;
            if (to < axis.From || from > axis.To || to <= from)
            {
                continue;
            }

            var (x1, x2) = (axis.X(from), axis.X(to));
            var want = points[i].Desired ?? 0;
            drawn.Ready = Step(ready, drawn.Ready, x1, x2, Y(points[i].Ready));
            drawn.Desired = Step(desired, drawn.Desired, x1, x2, Y(want));
            if (points[i].Ready < want)
            {
                lacking.Append(CultureInfo.InvariantCulture, $"M{SvgCanvas.Number(x1)},{SvgCanvas.Number(Y(want))}H{SvgCanvas.Number(Math.Max(x2, x1 + 0.8))}V{SvgCanvas.Number(Y(points[i].Ready))}H{SvgCanvas.Number(x1)}Z");
            }
        }

        canvas.Shape("cd-lacking", lacking);
        canvas.Shape("cd-desired", desired);
        canvas.Shape("cd-ready", ready);
        return top + Height + 8;
    }

    // Continues a step line; starts one where the window begins.
    private static double Step(StringBuilder path, double? before, double x1, double x2, double y)
    {
        path.Append(before is null ? $"M{SvgCanvas.Number(x1)},{SvgCanvas.Number(y)}" : before == y ? "" : $"H{SvgCanvas.Number(x1)}V{SvgCanvas.Number(y)}");
        path.Append('H').Append(SvgCanvas.Number(x2));
        return y;
    }

    private static IEnumerable<int> Labels(int most) => most <= 4 ? Enumerable.Range(0, most + 1) : [0, most / 2, most];
}
