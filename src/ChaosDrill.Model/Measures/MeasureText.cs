using System.Globalization;

namespace ChaosDrill.Model.Measures;

/// <summary>Measures in words, the same in every view and document.</summary>
public static class MeasureText
{
    /// <summary>A value with its bounds: <c>3.21s (3.19s to 3.25s)</c>, <c>at least 3m0s</c>, <c>99.95%</c>, <c>not known</c>.</summary>
    public static string Of(MeasuredValue value, MeasureUnit unit)
    {
        if (value.Value is not { } number)
        {
            return "not known";
        }

        if (value.High is not { } high)
        {
            return "at least " + Number(value.Low ?? number, unit);
        }

        var (text, low, up) = (Number(number, unit), Number(value.Low ?? number, unit), Number(high, unit));
        return low == text && up == text ? text : $"{text} ({low} to {up})";
    }

    /// <summary>A number with its unit. A share below 1 is never rounded up to 100%, nor one above 0 down to 0%.</summary>
    public static string Number(double number, MeasureUnit unit) => unit switch
    {
        MeasureUnit.Share => Percent(number),
        _ => Seconds(number),
    };

    private static string Percent(double share)
    {
        for (var digits = 2; digits <= 12; digits++)
        {
            var rounded = Math.Round(share * 100, digits);
            if ((rounded < 100 || share >= 1) && (rounded > 0 || share <= 0))
            {
                return rounded.ToString("0." + new string('#', digits), CultureInfo.InvariantCulture) + "%";
            }
        }

        return (share * 100).ToString("R", CultureInfo.InvariantCulture) + "%";
    }

    /// <summary>Milliseconds below a second, two decimals below a minute, then minutes.</summary>
    private static string Seconds(double seconds)
    {
        if (Math.Abs(seconds) < 0.9995)
        {
            return (seconds * 1000).ToString(Math.Abs(seconds) < 0.01 ? "0.##" : "0", CultureInfo.InvariantCulture) + "ms";
        }

        return Math.Abs(seconds) < 60
            ? seconds.ToString("0.00#", CultureInfo.InvariantCulture) + "s"
            : $"{(long)(seconds / 60)}m{(seconds % 60).ToString("0.##", CultureInfo.InvariantCulture)}s";
    }
}
