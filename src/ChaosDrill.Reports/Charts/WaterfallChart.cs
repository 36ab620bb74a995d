using ChaosDrill.Model.Measures;

namespace ChaosDrill.Reports.Charts;

/// <summary>One bar of a waterfall.</summary>
/// <param name="Name">What went on.</param>
/// <param name="From">When it began.</param>
/// <param name="To">When it was over, not before <paramref name="From"/>.</param>
/// <param name="IsCostliest">Whether it took longest.</param>
internal sealed record WaterfallBar(string Name, TimeSpan From, TimeSpan To, bool IsCostliest);

/// <summary>Draws phases one below the other, each where it lay in time: what one waited for, and what took longest.</summary>
internal static class WaterfallChart
{
    private const double RightMargin = 14;
    private const double BarHeight = 12;

    /// <summary>Room for names on the left, if there is that much room at all.</summary>
    private const double Names = 250;

    /// <summary>Draws a waterfall; nothing when there are no bars.</summary>
    public static string Draw(IReadOnlyList<WaterfallBar> bars, string id, double width, string title, string axisName, TimeSpan zero, string? style = null)
    {
        if (bars.Count == 0)
        {
            return "";
        }

        // On a phone a name stands above its bar.
        var isNarrow = width < 2 * Names;
        var (row, left) = (isNarrow ? 32.0 : 22.0, isNarrow ? 4.0 : Names);
        var (from, to) = (bars.Min(b => b.From), bars.Max(b => b.To));
        to = to > from ? to : from + TimeSpan.FromMilliseconds(1);
        var axis = new TimeAxis(from, to, left, width - RightMargin);
        var canvas = new SvgCanvas(id, width, title, string.Join(", ", bars.Select(b => $"{b.Name}: {Figures.Seconds(b.To - b.From)}")) + ".");
        var bottom = 6 + (bars.Count * row);
        foreach (var (at, label) in axis.Ticks(zero))
        {
            var x = axis.X(at);
            var half = SvgCanvas.WidthOf(label) / 2;
            canvas.Line("cd-grid", x, 2, x, bottom);
            canvas.Text("cd-tick", Math.Clamp(x, half, width - half), bottom + 16, label, "middle");
        }

        for (var i = 0; i < bars.Count; i++)
        {
            Bar(canvas, axis, bars[i], 6 + (i * row), isNarrow);
        }

        canvas.Line("cd-axis", axis.Left, bottom, axis.Right, bottom);
        canvas.Text("cd-axis-name", (axis.Left + axis.Right) / 2, bottom + 32, axisName, "middle");
        return canvas.Finish(bottom + 38, style);
    }

    private static void Bar(SvgCanvas canvas, TimeAxis axis, WaterfallBar bar, double top, bool isNarrow)
    {
        var barTop = isNarrow ? top + 14 : top + 3;
        var (x1, x2) = (axis.X(bar.From), Math.Max(axis.X(bar.To), axis.X(bar.From) + 2));
        if (isNarrow)
        {
            canvas.Caption("cd-label", axis.Left, top + 10, SvgCanvas.Fit(bar.Name, axis.Width));
        }
        else
        {
            canvas.Text("cd-label", axis.Left - 10, barTop + 10, SvgCanvas.Fit(bar.Name, axis.Left - 10), "end");
        }

        canvas.Rectangle(bar.IsCostliest ? "cd-costliest" : "cd-phase", x1, barTop, x2 - x1, BarHeight);
        var took = Figures.Seconds(bar.To - bar.From);
        var fits = x2 + 6 + SvgCanvas.WidthOf(took) <= canvas.Width;
        canvas.Caption(bar.IsCostliest ? "cd-label cd-aborted" : "cd-label", fits ? x2 + 6 : x1 - 6, barTop + 10, took, fits ? "start" : "end");
    }
}
