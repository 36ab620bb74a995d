using System.Globalization;
using System.Text;

namespace ChaosDrill.Reports.Charts;

/// <summary>Draws the timeline with letters, for Markdown and for those who read it in a terminal.</summary>
/// <remarks>It holds no text of the drill but names of workloads and probes, and of those only harmless characters.</remarks>
internal static class TextTimeline
{
    private const int Columns = 72;

    private const int NameWidth = 22;

    public static string Draw(ChartData data)
    {
        var axis = new TimeAxis(TimeSpan.Zero, data.Length, 0, Columns);
        var text = new StringBuilder();
        foreach (var workload in data.Workloads)
        {
            Row(text, workload.Workload.ToString(), Ready(axis, workload));
        }

        foreach (var probe in data.Probes)
        {
            Row(text, "probe " + probe.Probe, Answers(axis, probe));
        }

        if (data.Marks.Count > 0)
        {
            Row(text, "marks", Marks(axis, data.Marks));
        }

        Row(text, "", Ruler(axis));
        text.Append('\n').Append("digits: pods ready, fewest in the column; . success, x failure, ? could not ask, ! missed slot").Append('\n');
        text.Append("marks: r fault requested, E took effect, R recovered, s stable, A stopped");
        return text.ToString();
    }

    private static char[] Ready(TimeAxis axis, WorkloadSeries series)
    {
        var least = new int?[Columns];
        for (var i = 0; i < series.Points.Count; i++)
        {
            var to = i + 1 < series.Points.Count ? series.Points[i + 1].At : axis.To;
            for (var column = Column(axis, series.Points[i].At); column <= Column(axis, to); column++)
            {
                least[column] = Math.Min(least[column] ?? int.MaxValue, series.Points[i].Ready);
            }
        }

        return [.. least.Select(r => r switch { null => ' ', > 9 => '+', var ready => (char)('0' + ready.Value) })];
    }

    private static char[] Answers(TimeAxis axis, ProbeSeries series)
    {
        var worst = new SlotOutcome[Columns];
        foreach (var slot in series.Slots)
        {
            // A slot reaches to the next one, but not over what that one says.
            var to = slot.To >= axis.To ? Column(axis, slot.To) : Math.Max(Column(axis, slot.From), Column(axis, slot.To) - 1);
            for (var column = Column(axis, slot.From); column <= to; column++)
            {
                worst[column] = (SlotOutcome)Math.Max((int)worst[column], (int)slot.Outcome);
            }
        }

        return [.. worst.Select(o => o switch
        {
            SlotOutcome.Success => '.',
            SlotOutcome.Failure => 'x',
            SlotOutcome.Unknown => '?',
            SlotOutcome.Missed => '!',
            _ => ' ',
        })];
    }

    private static char[] Marks(TimeAxis axis, IReadOnlyList<ChartMark> marks)
    {
        var row = Enumerable.Repeat(' ', Columns).ToArray();

        // The effect is drawn last: it must not be hidden by its request an instant before.
        foreach (var mark in marks.OrderBy(m => m.Kind is MarkKind.Effect))
        {
            row[Column(axis, mark.At)] = mark.Kind switch
            {
                MarkKind.Requested => 'r',
                MarkKind.Effect => 'E',
                MarkKind.Recovered => 'R',
                MarkKind.Stable => 's',
                _ => 'A',
            };
        }

        return row;
    }

    private static char[] Ruler(TimeAxis axis)
    {
        var row = Enumerable.Repeat(' ', Columns + 8).ToArray();
        var free = 0;
        foreach (var (at, label) in (axis with { Right = Columns * 8 }).Ticks(TimeSpan.Zero))
        {
            var column = Column(axis, at);
            var mark = "|" + label;
            if (column >= free && column + mark.Length <= row.Length)
            {
                mark.CopyTo(0, row, column, mark.Length);
                free = column + mark.Length + 1;
            }
        }

        return row;
    }

    private static int Column(TimeAxis axis, TimeSpan at) => Math.Clamp((int)axis.X(at), 0, Columns - 1);

    private static void Row(StringBuilder text, string name, char[] cells)
    {
        var harmless = new string([.. name.Take(NameWidth).Select(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '-' or '.' or ' ' ? c : '_')]);
        text.Append(CultureInfo.InvariantCulture, $"{harmless,-NameWidth} ").Append(new string(cells).TrimEnd()).Append('\n');
    }
}
