using ChaosDrill.Model.Measures;

namespace ChaosDrill.Reports.Charts;

/// <summary>Draws the marks of a drill as lines through all lanes; each kind has a row of its own for its name, so that names never overlap.</summary>
internal static class MarkLines
{
    private const double RowHeight = 15;

    /// <summary>Kinds that the window shows, in the order in which they happen.</summary>
    public static IReadOnlyList<MarkKind> Kinds(TimeAxis axis, IEnumerable<ChartMark> marks) =>
        [.. marks.Where(m => axis.Shows(m.At)).Select(m => m.Kind).Distinct().Order()];

    /// <summary>Height of the rows of names.</summary>
    public static double HeightOf(IReadOnlyList<MarkKind> kinds) => (kinds.Count * RowHeight) + 6;

    public static void Draw(SvgCanvas canvas, TimeAxis axis, double top, double bottom, IReadOnlyList<ChartMark> marks, TimeSpan zero)
    {
        var kinds = Kinds(axis, marks);

        // A thousand repetitions would draw one line upon the other.
        foreach (var mark in marks.Where(m => axis.Shows(m.At)).DistinctBy(m => (m.Kind, (int)(axis.X(m.At) / 3))))
        {
            var row = top + 8 + (kinds.ToList().IndexOf(mark.Kind) * RowHeight);
            var x = axis.X(mark.At);
            var name = CssOf(mark.Kind);
            canvas.Line($"cd-mark cd-{name}", x, row, x, bottom);
            canvas.Circle($"cd-dot cd-{name}", x, row, 3.2);

            // With several of a kind the legend and the tables name them.
            if (marks.Count(m => m.Kind == mark.Kind && axis.Shows(m.At)) == 1)
            {
                var label = $"{NameOf(mark.Kind)} {Figures.Since(mark.At - zero)}";
                var fits = x + 7 + SvgCanvas.WidthOf(label) < axis.Right + 8;
                canvas.Text($"cd-label cd-{name}", fits ? x + 7 : x - 7, row + 4, label, fits ? "start" : "end");
            }
        }
    }

    public static string NameOf(MarkKind kind) => kind switch
    {
        MarkKind.Requested => "fault requested",
        MarkKind.Effect => "fault took effect",
        MarkKind.Recovered => "recovered",
        MarkKind.Stable => "stable",
        _ => "stopped",
    };

    public static string CssOf(MarkKind kind) => kind.ToString().ToLowerInvariant();
}
