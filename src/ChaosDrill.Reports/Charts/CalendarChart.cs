using System.Globalization;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Measures;

namespace ChaosDrill.Reports.Charts;

/// <summary>The last twelve weeks, a square a day: how the drills of that day ended, the worst of them; an empty square is a day without a drill.</summary>
internal static class CalendarChart
{
    private const int Weeks = 12;
    private const double Cell = 22;
    private const double Left = 34;
    private const double Top = 20;
    private const double Width = 358;

    public static string Draw(IReadOnlyList<(DrillHeader Header, Judgement Judgement)> drills, TimeZoneInfo zone, string? style = null)
    {
        DateOnly DayOf(DateTimeOffset at) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(at, zone).Date);
        var last = drills.Max(d => DayOf(d.Header.StartedAt));
        var first = last.AddDays(-(((int)last.DayOfWeek + 6) % 7) - ((Weeks - 1) * 7));
        var days = drills.Where(d => DayOf(d.Header.StartedAt) >= first).GroupBy(d => DayOf(d.Header.StartedAt)).ToDictionary(g => g.Key, g => g.Min(d => Rank(d.Judgement.Outcome)));
        int Count(int rank) => days.Values.Count(r => r == rank);
        var canvas = new SvgCanvas(
            "calendar", Width, "Calendar of the drills of the last twelve weeks",
            $"{Figures.Count(Count(2), "day")} passed, {Figures.Count(Count(0), "day")} failed, {Figures.Count(Count(1), "day")} could not be known; the other days had no drill.");
        foreach (var (name, row) in (ReadOnlySpan<(string, int)>)[("Mon", 0), ("Wed", 2), ("Fri", 4), ("Sun", 6)])
        {
            canvas.Text("cd-tick", Left - 6, Top + (row * Cell) + 14, name, "end");
        }

        for (var i = 0; i < Weeks * 7; i++)
        {
            var day = first.AddDays(i);
            if (day > last)
            {
                break;
            }

            var (x, y) = (Left + (i / 7 * Cell), Top + (i % 7 * Cell));
            if (i % 28 == 0)
            {
                canvas.Text("cd-tick", x, Top - 6, day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
            }

            canvas.Rectangle(!days.TryGetValue(day, out var rank) ? "cd-empty" : rank == 2 ? "cd-success" : rank == 0 ? "cd-failure" : "cd-unknown", x, y, Cell - 3, Cell - 3);

            // Not by colour alone.
            if (days.ContainsKey(day) && rank != 2)
            {
                canvas.Text("cd-cell", x + ((Cell - 3) / 2), y + 14, rank == 0 ? "×" : "?", "middle");
            }
        }

        canvas.Text("cd-legend", Left, Top + (7 * Cell) + 12, "plain: passed   ×: failed   ?: not known   pale: no drill");
        return canvas.Finish(Top + (7 * Cell) + 18, style);
    }

    private static int Rank(DrillOutcome outcome) => outcome switch { DrillOutcome.Fail => 0, DrillOutcome.Pass => 2, _ => 1 };
}
