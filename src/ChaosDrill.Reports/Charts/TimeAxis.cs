using System.Globalization;

namespace ChaosDrill.Reports.Charts;

/// <summary>Maps instants to pixels and chooses round tick marks.</summary>
internal sealed record TimeAxis(TimeSpan From, TimeSpan To, double Left, double Right)
{
    private const double PixelsPerTick = 76;

    private static readonly double[] Steps =
    [
        0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30,
        60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400,
    ];

    public double Width => Right - Left;

    /// <summary>Where an instant lies; outside the window it is held at its edge.</summary>
    public double X(TimeSpan at)
    {
        var share = (at - From) / (To - From);
        return Left + (Math.Clamp(share, 0, 1) * Width);
    }

    public bool Shows(TimeSpan at) => at >= From && at <= To;

    /// <summary>Round instants with their labels, counted from <paramref name="zero"/>.</summary>
    public IReadOnlyList<(TimeSpan At, string Label)> Ticks(TimeSpan zero)
    {
        var from = (From - zero).TotalSeconds;
        var to = (To - zero).TotalSeconds;
        var step = Array.Find(Steps, s => (to - from) / s * PixelsPerTick <= Width);
        step = step == 0 ? Math.Ceiling((to - from) / Width * PixelsPerTick / 86400) * 86400 : step;
        List<(TimeSpan, string)> ticks = [];
        for (var i = (long)Math.Ceiling((from / step) - 1e-9); i * step <= to + 1e-9; i++)
        {
            ticks.Add((zero + TimeSpan.FromSeconds(i * step), Label((decimal)step * i, step)));
        }

        return ticks;
    }

    private static string Label(decimal seconds, double step)
    {
        var size = Math.Abs(seconds);
        var sign = seconds < 0 ? "\u2212" : "";
        if (size >= 3600)
        {
            var time = TimeSpan.FromSeconds((double)size);
            return $"{sign}{(int)time.TotalHours}:{time.Minutes:00}{(step < 60 ? $":{time.Seconds:00}" : "")} h";
        }

        if (size >= 60)
        {
            return size % 60 == 0 ? $"{sign}{size / 60:0} min" : $"{sign}{Math.Floor(size / 60):0}:{(size % 60).ToString(step < 1 ? "00.###" : "00", CultureInfo.InvariantCulture)} min";
        }

        return step < 0.1 && size is > 0 and < 1
            ? $"{sign}{size * 1000:0.###} ms"
            : sign + size.ToString("0.###", CultureInfo.InvariantCulture) + " s";
    }
}
