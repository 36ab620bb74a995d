using System.Globalization;
using System.Text;
using ChaosDrill.Reports.Wording;

namespace ChaosDrill.Reports.Charts;

/// <summary>Draws how a probe's slots ended as a strip, and its good answers' times below it.</summary>
internal static class ProbeLanes
{
    private const double StripHeight = 18;

    private const double LatencyHeight = 56;

    /// <summary>Nothing answers as quickly as this.</summary>
    private static readonly TimeSpan LeastLatency = TimeSpan.FromMicroseconds(10);

    /// <summary>A bad slot is drawn at least this wide: no failure may vanish between ten thousand successes.</summary>
    private const int LeastWidth = 2;

    public static double Draw(SvgCanvas canvas, TimeAxis axis, double top, ProbeSeries series)
    {
        var slots = series.Slots.Where(s => s.To >= axis.From && s.From <= axis.To).ToList();
        canvas.Caption("cd-lane", axis.Left, top + 11, SvgCanvas.Fit($"probe {Plain.Line(series.Probe)}: answers", axis.Width));
        top = Strip(canvas, axis, top + 17, slots);
        return Latency(canvas, axis, top + 8, slots);
    }

    private static double Strip(SvgCanvas canvas, TimeAxis axis, double top, List<ChartSlot> slots)
    {
        canvas.Rectangle("cd-empty", axis.Left, top, axis.Width, StripHeight);
        foreach (var (outcome, from, to) in Runs(Pixels(axis, slots)))
        {
            var x = axis.Left + from;
            switch (outcome)
            {
                // Failures are taller as well as red, for those who cannot tell red from green.
                case SlotOutcome.Success:
                    canvas.Rectangle("cd-success", x, top + 6, to - from, StripHeight - 12);
                    break;
                case SlotOutcome.Failure:
                    canvas.Rectangle("cd-failure", x, top, to - from, StripHeight);
                    break;
                case SlotOutcome.Unknown:
                    canvas.Rectangle("cd-unknown", x, top + 3, to - from, StripHeight - 6);
                    break;
                default:
                    canvas.Rectangle("cd-missed", x, top + 1, to - from, StripHeight - 2, fill: "missed");
                    break;
            }
        }

        return top + StripHeight;
    }

    private static double Latency(SvgCanvas canvas, TimeAxis axis, double top, List<ChartSlot> slots)
    {
        var answers = slots.Where(s => s.Latency is not null && axis.Shows(s.From)).ToList();
        if (answers.Count > 0 && answers.Max(s => s.Latency) < LeastLatency)
        {
            // Virtual time, or looks that take none: there is nothing to see.
            return top + 2;
        }

        canvas.Caption("cd-lane", axis.Left, top + 11, "answer time");
        top += 18;
        var most = answers.Count == 0 ? 0 : RoundUp(answers.Max(s => s.Latency!.Value.TotalSeconds));
        double Y(double seconds) => top + LatencyHeight - (seconds / most * (LatencyHeight - 4));
        foreach (var seconds in most == 0 ? Array.Empty<double>() : [0, most / 2, most])
        {
            canvas.Line("cd-grid", axis.Left, Y(seconds), axis.Right, Y(seconds));
            canvas.Text("cd-tick", axis.Left - 6, Y(seconds) + 3.5, Short(seconds), "end");
        }

        // One stroke for each pixel, from the quickest to the slowest answer within it.
        var strokes = new StringBuilder();
        foreach (var pixel in answers.GroupBy(s => (int)(axis.X(s.From) - axis.Left)).OrderBy(g => g.Key))
        {
            var (low, high) = (Y(pixel.Min(s => s.Latency!.Value.TotalSeconds)), Y(pixel.Max(s => s.Latency!.Value.TotalSeconds)));
            strokes.Append(CultureInfo.InvariantCulture, $"M{SvgCanvas.Number(axis.Left + pixel.Key + 0.5)},{SvgCanvas.Number(low + 0.9)}V{SvgCanvas.Number(high - 1.2)}");
        }

        canvas.Shape("cd-latency", strokes);
        return top + LatencyHeight + 10;
    }

    private static SlotOutcome[] Pixels(TimeAxis axis, List<ChartSlot> slots)
    {
        var pixels = new SlotOutcome[(int)Math.Ceiling(axis.Width)];
        foreach (var slot in slots)
        {
            var from = Math.Min((int)(axis.X(slot.From) - axis.Left), pixels.Length - 1);
            var to = Math.Min(pixels.Length, Math.Max((int)Math.Round(axis.X(slot.To) - axis.Left), from + (slot.Outcome == SlotOutcome.Success ? 1 : LeastWidth)));
            for (var i = from; i < to; i++)
            {
                pixels[i] = (SlotOutcome)Math.Max((int)pixels[i], (int)slot.Outcome);
            }
        }

        return pixels;
    }

    private static IEnumerable<(SlotOutcome Outcome, int From, int To)> Runs(SlotOutcome[] pixels)
    {
        var from = 0;
        for (var i = 1; i <= pixels.Length; i++)
        {
            if (i == pixels.Length || pixels[i] != pixels[from])
            {
                if (pixels[from] != SlotOutcome.None)
                {
                    yield return (pixels[from], from, i);
                }

                from = i;
            }
        }
    }

    private static double RoundUp(double seconds)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(Math.Max(seconds, 1e-6))));
        return new[] { 1.0, 2, 4, 5, 10 }.First(f => f * power >= seconds * 0.9999) * power;
    }

    private static string Short(double seconds) => seconds switch
    {
        0 => "0",
        < 0.001 => (seconds * 1e6).ToString("0.##", CultureInfo.InvariantCulture) + " µs",
        < 1 => (seconds * 1000).ToString("0.##", CultureInfo.InvariantCulture) + " ms",
        _ => seconds.ToString("0.##", CultureInfo.InvariantCulture) + " s",
    };
}
