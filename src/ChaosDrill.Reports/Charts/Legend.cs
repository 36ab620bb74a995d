namespace ChaosDrill.Reports.Charts;

/// <summary>Explains what a chart uses, and only that.</summary>
internal static class Legend
{
    private const double RowHeight = 18;

    public static double Draw(SvgCanvas canvas, TimeAxis axis, double top, ChartData data, IReadOnlyList<MarkKind> kinds)
    {
        var x = axis.Left;
        var y = top + 6;
        void Entry(string text, Action<double, double> symbol)
        {
            var width = 24 + SvgCanvas.WidthOf(text) + 14;
            if (x > axis.Left && x + width - 14 > canvas.Width)
            {
                (x, y) = (axis.Left, y + RowHeight);
            }

            symbol(x, y);
            canvas.Text("cd-legend", x + 24, y + 9.5, text);
            x += width;
        }

        if (data.Workloads.Count > 0)
        {
            Entry("ready", (sx, sy) => canvas.Line("cd-ready", sx, sy + 6, sx + 18, sy + 6));
            Entry("desired", (sx, sy) => canvas.Line("cd-desired", sx, sy + 6, sx + 18, sy + 6));
            Entry("lacking", (sx, sy) => canvas.Rectangle("cd-lacking", sx, sy, 18, 12));
        }

        var outcomes = data.Probes.SelectMany(p => p.Slots).Where(s => s.To >= axis.From && s.From <= axis.To).Select(s => s.Outcome).ToHashSet();
        if (outcomes.Contains(SlotOutcome.Success))
        {
            Entry("success", (sx, sy) => canvas.Rectangle("cd-success", sx, sy + 3, 18, 6));
        }

        if (outcomes.Contains(SlotOutcome.Failure))
        {
            Entry("failure", (sx, sy) => canvas.Rectangle("cd-failure", sx, sy, 18, 12));
        }

        if (outcomes.Contains(SlotOutcome.Unknown))
        {
            Entry("could not ask", (sx, sy) => canvas.Rectangle("cd-unknown", sx, sy + 1, 18, 10));
        }

        if (outcomes.Contains(SlotOutcome.Missed))
        {
            Entry("missed slot", (sx, sy) => canvas.Rectangle("cd-missed", sx, sy, 18, 12, fill: "missed"));
        }

        if (data.Gaps.Any(g => g.To >= axis.From && g.From <= axis.To))
        {
            Entry("nothing observed", (sx, sy) => canvas.Rectangle("cd-gap", sx, sy, 18, 12, fill: "gap"));
        }

        foreach (var kind in kinds)
        {
            Entry(MarkLines.NameOf(kind), (sx, sy) =>
            {
                canvas.Line($"cd-mark cd-{MarkLines.CssOf(kind)}", sx + 9, sy, sx + 9, sy + 13);
                canvas.Circle($"cd-dot cd-{MarkLines.CssOf(kind)}", sx + 9, sy + 2, 3.2);
            });
        }

        return y + RowHeight;
    }
}
