using System.Globalization;

namespace ChaosDrill.Model.Scenarios;

/// <summary>
/// Hours, on every day or on days of the week: <c>01:00-05:00</c>, <c>mon-fri 09:00-17:00</c>, <c>sat,sun 00:00-24:00</c>.
/// The end is not included. Hours that end before they begin reach into the next day: <c>fri 22:00-06:00</c> is Friday night.
/// </summary>
/// <param name="Text">The notation.</param>
/// <param name="Days">Days on which the window opens.</param>
/// <param name="From">Minute of the day at which it opens.</param>
/// <param name="To">Minute at which it closes; above 1440 it is on the next day.</param>
public sealed record WeekWindow(string Text, IReadOnlySet<DayOfWeek> Days, int From, int To)
{
    private const int Day = 24 * 60;
    private static readonly string[] Names = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    /// <summary>Reads the notation; null when it is none.</summary>
    public static WeekWindow? Parse(string text)
    {
        var parts = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length is not (1 or 2) || ReadDays(parts.Length == 1 ? "sun-sat" : parts[0]) is not { } days || parts[^1].Split('-') is not [var opens, var closes])
        {
            return null;
        }

        var (from, to) = (Minute(opens), Minute(closes));
        return from is null or Day || to is null || from == to ? null : new WeekWindow(string.Join(' ', parts), days, from.Value, to.Value > from.Value ? to.Value : to.Value + Day);
    }

    /// <summary>Whether a time of the clock on the wall is in the window.</summary>
    public bool Holds(DateTime wall)
    {
        var minute = (wall.Hour * 60) + wall.Minute;
        return (Days.Contains(wall.DayOfWeek) && minute >= From && minute < To)
            || (Days.Contains(wall.AddDays(-1).DayOfWeek) && minute + Day < To);
    }

    /// <inheritdoc />
    public override string ToString() => Text;

    private static HashSet<DayOfWeek>? ReadDays(string text)
    {
        var days = new HashSet<DayOfWeek>();
        foreach (var item in text.Split(','))
        {
            var ends = item.Split('-');
            var (first, last) = (Array.IndexOf(Names, ends[0]), Array.IndexOf(Names, ends[^1]));
            if (ends.Length > 2 || first < 0 || last < 0)
            {
                return null;
            }

            // A range may go round the end of the week: sat-mon.
            for (var day = first; ; day = (day + 1) % 7)
            {
                days.Add((DayOfWeek)day);
                if (day == last)
                {
                    break;
                }
            }
        }

        return days;
    }

    private static int? Minute(string text) =>
        text.Length == 5 && text[2] == ':'
        && int.TryParse(text.AsSpan(0, 2), NumberStyles.None, CultureInfo.InvariantCulture, out var hour)
        && int.TryParse(text.AsSpan(3, 2), NumberStyles.None, CultureInfo.InvariantCulture, out var minute)
        && minute < 60 && (hour < 24 || (hour == 24 && minute == 0))
            ? (hour * 60) + minute
            : null;
}
