using System.Globalization;

namespace ChaosDrill.Views;

/// <summary>Instants and durations as views show them.</summary>
internal static class Clocks
{
    /// <summary>An instant on the drill's clock, to the millisecond: <c>3.214</c>, <c>1:02.345</c>, <c>1:00:02.345</c>.</summary>
    public static string Instant(TimeSpan at)
    {
        at = TimeSpan.FromMilliseconds(Math.Max(0, Math.Round(at.TotalMilliseconds)));
        return at switch
        {
            { TotalMinutes: < 1 } => at.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture),
            { TotalHours: < 1 } => at.ToString(@"m\:ss\.fff", CultureInfo.InvariantCulture),
            _ => ((long)at.TotalHours).ToString(CultureInfo.InvariantCulture) + at.ToString(@"\:mm\:ss\.fff", CultureInfo.InvariantCulture),
        };
    }

    /// <summary>A running clock, to a tenth of a second: <c>0:03.2</c>.</summary>
    public static string Running(TimeSpan at) => at.TotalHours < 1
        ? at.ToString(@"m\:ss\.f", CultureInfo.InvariantCulture)
        : ((long)at.TotalHours).ToString(CultureInfo.InvariantCulture) + at.ToString(@"\:mm\:ss\.f", CultureInfo.InvariantCulture);

    /// <summary>A duration for people, with two or three digits that matter: <c>350 ms</c>, <c>4.21 s</c>.</summary>
    public static string Duration(TimeSpan duration) =>
        Model.Measures.Figures.Seconds(duration);
}
