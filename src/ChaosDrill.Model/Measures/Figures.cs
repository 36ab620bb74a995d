using System.Globalization;

namespace ChaosDrill.Model.Measures;

/// <summary>
/// The one rule by which numbers are written, in views and documents alike: milliseconds under a second, three significant digits of seconds,
/// percentages with two decimals; and always enough digits that a rounded number stays on its own side of the limit
/// it is judged against, and that a share below 100% is never written as 100%.
/// </summary>
public static class Figures
{
    private const int MostDecimals = 7;

    /// <summary>A value with its unit: <c>312 ms</c>, <c>3.21 s</c>, <c>1 min 3.5 s</c>, <c>99.95%</c>.</summary>
    /// <param name="unit">Unit of the value.</param>
    /// <param name="value">The value.</param>
    /// <param name="limit">The limit it is judged against, in the same unit, if there is one.</param>
    public static string Value(MeasureUnit unit, double value, double? limit = null) => unit switch
    {
        MeasureUnit.Share => Share(value, limit),
        MeasureUnit.Count => Count((long)value),
        MeasureUnit.Bytes => Bytes(value),
        MeasureUnit.BytesPerSecond => Bytes(value) + "/s",
        MeasureUnit.Number => Number(value, limit),
        _ => Seconds(value, limit),
    };

    /// <summary>A size in decimal units: <c>512 B</c>, <c>13.8 MB</c>.</summary>
    public static string Bytes(double bytes)
    {
        string[] units = ["B", "kB", "MB", "GB", "TB"];
        var unit = 0;
        for (; Math.Abs(bytes) >= 999.5 && unit < units.Length - 1; unit++)
        {
            bytes /= 1000;
        }

        return $"{bytes.ToString(unit == 0 || Math.Abs(bytes) >= 99.95 ? "0" : Math.Abs(bytes) >= 9.995 ? "0.0" : "0.00", CultureInfo.InvariantCulture)} {units[unit]}";
    }

    /// <summary>A duration in seconds.</summary>
    public static string Seconds(double seconds, double? limit = null) =>
        Scaled(seconds, Decimals(seconds, limit), MidpointRounding.AwayFromZero);

    /// <summary>A duration.</summary>
    public static string Seconds(TimeSpan duration) => Seconds(duration.TotalSeconds);

    /// <summary>A share as a percentage.</summary>
    public static string Share(double share, double? limit = null)
    {
        var percent = (decimal)share * 100;
        var decimals = 2;
        while (decimals < MostDecimals && !IsFaithful(percent, Math.Round(percent, decimals, MidpointRounding.AwayFromZero), (decimal?)limit * 100))
        {
            decimals++;
        }

        return Percent(Math.Round(percent, decimals, MidpointRounding.AwayFromZero));
    }

    /// <summary>The bounds of a value: <c>3.19 to 3.25 s</c>, the lower rounded down and the upper rounded up; null when they say nothing more than the value.</summary>
    public static string? Bounds(MeasureUnit unit, MeasuredValue measured)
    {
        if (measured is not { Value: { } value, Low: { } low, High: { } high } || (low == value && high == value))
        {
            return null;
        }

        if (unit is not (MeasureUnit.Seconds or MeasureUnit.Share))
        {
            return $"{Value(unit, low)} to {Value(unit, high)}";
        }

        if (unit == MeasureUnit.Share)
        {
            return $"{Outward(low, high, up: false)} to {Outward(low, high, up: true)}";
        }

        var decimals = DecimalsWithBounds(value, low, high, null);
        var from = Scaled(low, decimals, MidpointRounding.ToNegativeInfinity);
        var to = Scaled(high, decimals, MidpointRounding.ToPositiveInfinity);

        // One unit is enough for both, unless they are of different size, such as milliseconds and minutes.
        return UnitOf(from) == UnitOf(to) && UnitOf(to) is " s" or " ms" && !to.Contains("min", StringComparison.Ordinal)
            ? $"{from[..^UnitOf(from).Length]} to {to}"
            : $"{from} to {to}";
    }

    /// <summary>The best estimate alone, with the digits that its bounds deserve: <c>3.21 s</c>, <c>at least 3.20 s</c>, <c>not known</c>.</summary>
    public static string Best(MeasureUnit unit, MeasuredValue measured, double? limit = null) => measured switch
    {
        { Value: null } => "not known",
        // Rounded down: what is said to be the least must not be more than it is.
        { Value: { } value, High: null } => "at least " + Least(unit, measured.Low ?? value, limit),
        { Value: { } value, Low: { } low, High: { } high } when unit == MeasureUnit.Seconds =>
            Scaled(value, DecimalsWithBounds(value, low, high, limit), MidpointRounding.AwayFromZero),
        { Value: { } value } => Value(unit, value, limit),
    };

    /// <summary>A measured value with its bounds: <c>3.21 s (3.19 to 3.25 s)</c>, <c>at least 3.20 s</c>, <c>not known</c>.</summary>
    public static string Estimate(MeasureUnit unit, MeasuredValue measured, double? limit = null) =>
        Bounds(unit, measured) is { } bounds ? $"{Best(unit, measured, limit)} ({bounds})" : Best(unit, measured, limit);

    /// <summary>An instant on the drill's clock, to the millisecond: <c>+3.214 s</c>, <c>+1:02.345</c>, <c>+1:00:02.345</c>.</summary>
    public static string Since(TimeSpan at)
    {
        var rounded = TimeSpan.FromMilliseconds(Math.Round(at.TotalMilliseconds, MidpointRounding.AwayFromZero));
        var sign = rounded < TimeSpan.Zero ? "\u2212" : "+";
        rounded = rounded.Duration();
        return rounded.TotalMinutes < 1 ? sign + rounded.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture) + " s"
            : rounded.TotalHours < 1 ? sign + rounded.ToString(@"m\:ss\.fff", CultureInfo.InvariantCulture)
            : $"{sign}{(int)rounded.TotalHours}:{rounded.ToString(@"mm\:ss\.fff", CultureInfo.InvariantCulture)}";
    }

    /// <summary>A count with its noun: <c>1 sample</c>, <c>1,234 samples</c>.</summary>
    public static string Count(long count, string noun) =>
        $"{count.ToString("N0", CultureInfo.InvariantCulture)} {noun}{(count == 1 ? "" : "s")}";

    /// <summary>A count: <c>1,234</c>.</summary>
    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    // Four significant digits, or as many more as it takes to stay on the value's side of the limit.
    private static string Number(double value, double? limit)
    {
        for (var digits = 4; digits < 17; digits++)
        {
            var text = value.ToString("G" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
            if (limit is not { } bound || value.CompareTo(bound) == double.Parse(text, CultureInfo.InvariantCulture).CompareTo(bound))
            {
                return text;
            }
        }

        return value.ToString("R", CultureInfo.InvariantCulture);
    }

    private static string Least(MeasureUnit unit, double least, double? limit) => unit switch
    {
        MeasureUnit.Share => Percent(Math.Round((decimal)least * 100, 2, MidpointRounding.ToNegativeInfinity)),
        MeasureUnit.Seconds => Scaled(least, Decimals(least, limit), MidpointRounding.ToNegativeInfinity),
        _ => Value(unit, least),
    };

    private static int Decimals(double seconds, double? limit)
    {
        var size = Math.Abs(seconds);
        var decimals = size switch
        {
            < 0.00995 => 4,
            < 0.9995 => 3,
            < 9.995 => 2,
            < 600 => 1,
            _ => 0,
        };
        while (decimals < MostDecimals
            && !IsSameSide((decimal)seconds, Math.Round((decimal)seconds, decimals, MidpointRounding.AwayFromZero), (decimal?)limit))
        {
            decimals++;
        }

        return decimals;
    }

    // At least two steps of the last digit between the bounds, or rounding them outwards would drown them; not below a microsecond.
    private static int DecimalsWithBounds(double value, double low, double high, double? limit)
    {
        var decimals = Decimals(value, limit);
        while (high > low && decimals < 6 && high - low < 2 * Math.Pow(10, -decimals))
        {
            decimals++;
        }

        return decimals;
    }

    private static string UnitOf(string text) => text[Math.Max(text.LastIndexOf(' '), 0)..];

    // Decimals are those of seconds, also where milliseconds are written.
    private static string Scaled(double seconds, int decimals, MidpointRounding rounding)
    {
        var rounded = Math.Round((decimal)seconds, decimals, rounding);
        var size = Math.Abs(rounded);
        if (size == 0)
        {
            return "0 s";
        }

        if (size < 1)
        {
            return Fixed(rounded * 1000, Math.Max(0, decimals - 3)) + " ms";
        }

        if (size < 60)
        {
            return Fixed(rounded, decimals) + " s";
        }

        var sign = rounded < 0 ? "-" : "";
        rounded = Math.Abs(rounded);
        var minutes = (int)(rounded / 60);
        var rest = Fixed(rounded % 60, decimals) + " s";
        return minutes < 60 ? $"{sign}{minutes} min {rest}" : $"{sign}{minutes / 60} h {minutes % 60} min {rest}";
    }

    private static string Outward(double low, double high, bool up)
    {
        var percent = (decimal)(up ? high : low) * 100;
        var rounding = up ? MidpointRounding.ToPositiveInfinity : MidpointRounding.ToNegativeInfinity;
        for (var decimals = 2; ; decimals++)
        {
            var rounded = Math.Round(percent, decimals, rounding);
            if (decimals == MostDecimals || (IsFaithful(percent, rounded, null) && (decimal)(high - low) * 100 >= 2 * (decimal)Math.Pow(10, -decimals)))
            {
                return Percent(rounded);
            }
        }
    }

    private static bool IsFaithful(decimal percent, decimal rounded, decimal? limit) =>
        IsSameSide(percent, rounded, 100) && IsSameSide(percent, rounded, 0) && IsSameSide(percent, rounded, limit);

    private static bool IsSameSide(decimal value, decimal rounded, decimal? limit) =>
        limit is null || value.CompareTo(limit.Value) == rounded.CompareTo(limit.Value);

    private static string Percent(decimal rounded) => rounded.ToString("0.#######", CultureInfo.InvariantCulture) + "%";

    private static string Fixed(decimal value, int decimals) => value.ToString("F" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
