namespace ChaosDrill.Reports.Charts;

/// <summary>Draws a drill, or a window of it: ready pods, answers and answer times one above the other on one time axis.</summary>
internal static class TimelineChart
{
    private const double Gutter = 46;

    private const double RightMargin = 14;

    /// <summary>Draws a chart.</summary>
    /// <param name="data">What is drawn.</param>
    /// <param name="frame">Which part of it, and how.</param>
    public static string Draw(ChartData data, ChartFrame frame)
    {
        var canvas = new SvgCanvas(frame.Id, frame.Width, frame.Title, frame.Description);
        canvas.Hatching("gap", "cd-hatch-gap");
        canvas.Hatching("missed", "cd-hatch-missed");
        var axis = new TimeAxis(frame.From, frame.To, Gutter, frame.Width - RightMargin);
        var kinds = MarkLines.Kinds(axis, data.Marks);
        var lanesTop = MarkLines.HeightOf(kinds) + (data.Repetitions.Count > 0 ? 16 : 0);

        // Heights are needed before the background, so the lanes are laid out once without being kept.
        var bottom = Lanes(new SvgCanvas("layout", frame.Width, "", ""), axis, lanesTop, data, frame);
        Background(canvas, axis, lanesTop, bottom, data, frame);
        Lanes(canvas, axis, lanesTop, data, frame);
        MarkLines.Draw(canvas, axis, 0, bottom, data.Marks, frame.Zero);
        var end = Axis(canvas, axis, bottom, frame);
        return canvas.Finish(Legend.Draw(canvas, axis, end, data, kinds) + 4, frame.Style);
    }

    private static double Lanes(SvgCanvas canvas, TimeAxis axis, double top, ChartData data, ChartFrame frame)
    {
        foreach (var workload in data.Workloads)
        {
            top = ReadyLane.Draw(canvas, axis, top, workload);
        }

        foreach (var probe in data.Probes)
        {
            top = ProbeLanes.Draw(canvas, axis, top, probe);
        }

        return frame.IsCloseUp ? top : Stages(canvas, axis, top, data);
    }

    private static double Stages(SvgCanvas canvas, TimeAxis axis, double top, ChartData data)
    {
        foreach (var stage in data.Stages.Where(s => s.To > s.From))
        {
            var (x1, x2) = (axis.X(stage.From), axis.X(stage.To));
            canvas.Rectangle("cd-stage", x1, top, x2 - x1 - 1, 16);
            if (SvgCanvas.WidthOf(stage.Name) + 6 < x2 - x1)
            {
                canvas.Text("cd-stage-name", (x1 + x2) / 2, top + 11.5, stage.Name, "middle");
            }
        }

        return data.Stages.Count > 0 ? top + 20 : top;
    }

    private static void Background(SvgCanvas canvas, TimeAxis axis, double top, double bottom, ChartData data, ChartFrame frame)
    {
        foreach (var (span, i) in data.Repetitions.Select((s, i) => (s, i)).Where(r => r.s.To >= axis.From && r.s.From <= axis.To))
        {
            var (x1, x2) = (axis.X(span.From), axis.X(span.To));
            canvas.Rectangle(i % 2 == 0 ? "cd-repetition" : "cd-repetition cd-odd", x1, top - 16, x2 - x1, bottom - top + 16);
            if (!frame.IsCloseUp && x2 - x1 > SvgCanvas.WidthOf(span.Name) + 4)
            {
                canvas.Text("cd-tick", x1 + 4, top - 5, span.Name);
            }
        }

        foreach (var gap in data.Gaps.Where(g => g.To >= axis.From && g.From <= axis.To))
        {
            canvas.Rectangle("cd-gap", axis.X(gap.From), top, Math.Max(axis.X(gap.To) - axis.X(gap.From), 2), bottom - top, fill: "gap");
        }

        foreach (var (at, _) in axis.Ticks(frame.Zero))
        {
            canvas.Line("cd-grid", axis.X(at), top, axis.X(at), bottom);
        }
    }

    private static double Axis(SvgCanvas canvas, TimeAxis axis, double top, ChartFrame frame)
    {
        canvas.Line("cd-axis", axis.Left, top, axis.Right, top);
        foreach (var (at, label) in axis.Ticks(frame.Zero))
        {
            var x = axis.X(at);
            var half = SvgCanvas.WidthOf(label) / 2;
            canvas.Line("cd-axis", x, top, x, top + 4);
            canvas.Text("cd-tick", Math.Clamp(x, half, frame.Width - half), top + 16, label, "middle");
        }

        canvas.Text("cd-axis-name", (axis.Left + axis.Right) / 2, top + 32, frame.AxisName, "middle");
        return top + 40;
    }
}

/// <summary>Which part of a drill a chart shows, and how.</summary>
internal sealed record ChartFrame
{
    /// <summary>Prefix of the ids in the drawing.</summary>
    public required string Id { get; init; }

    /// <summary>Width in pixels at full size.</summary>
    public required double Width { get; init; }

    /// <summary>Left edge.</summary>
    public required TimeSpan From { get; init; }

    /// <summary>Right edge, after <see cref="From"/>.</summary>
    public required TimeSpan To { get; init; }

    /// <summary>The instant that the axis counts from.</summary>
    public TimeSpan Zero { get; init; }

    /// <summary>What the axis counts.</summary>
    public string AxisName { get; init; } = "time since the drill began";

    /// <summary>Whether this is a part of a drill: stages and numbers of repetitions are left out.</summary>
    public bool IsCloseUp { get; init; }

    /// <summary>What it is, for those who cannot see it.</summary>
    public required string Title { get; init; }

    /// <summary>What it shows, for those who cannot see it.</summary>
    public required string Description { get; init; }

    /// <summary>Style sheet to carry along; null inside a page that has it already.</summary>
    public string? Style { get; init; }
}
