using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ChaosDrill.Model;

/// <summary>Durations as Go and Kubernetes write them: <c>500ms</c>, <c>30s</c>, <c>1h30m</c>.</summary>
/// <remarks>Format: Go's <c>time.ParseDuration</c> without signs; the smallest step kept is 100 ns (a tick).</remarks>
public static class GoDuration
{
    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");

    /// <summary>Reads a duration; <c>0</c> alone is zero, any other number needs a unit.</summary>
    /// <returns>False for a missing or unknown unit, a sign, an empty text, or more than ten years.</returns>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        if (text == "0")
        {
            return true;
        }

        var rest = text.AsSpan();
        decimal ticks = 0;
        if (rest.IsEmpty || text.Length > 64)
        {
            return false;
        }

        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept(NumberCharacters);
            if (digits <= 0 || !decimal.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            {
                return false;
            }

            rest = rest[digits..];
            var unitLength = rest.IndexOfAnyInRange('0', '9');
            var unit = (unitLength < 0 ? rest : rest[..unitLength]).ToString();
            var factor = unit switch
            {
                "ns" => 0.01m,
                "us" or "\u00b5s" or "\u03bcs" => 10m,
                "ms" => TimeSpan.TicksPerMillisecond,
                "s" => TimeSpan.TicksPerSecond,
                "m" => TimeSpan.TicksPerMinute,
                "h" => TimeSpan.TicksPerHour,
                _ => 0m,
            };
            if (factor == 0 || number > 1_000_000_000_000m)
            {
                return false;
            }

            ticks += number * factor;
            rest = rest[unit.Length..];
        }

        if (ticks > TimeSpan.TicksPerDay * 3653m)
        {
            return false;
        }

        duration = new TimeSpan((long)ticks);
        return true;
    }

    /// <summary>Writes a duration the way Go does, with the fraction in the smallest unit: <c>1m2.5s</c>, <c>250ms</c>, <c>0s</c>.</summary>
    public static string Format(TimeSpan duration)
    {
        if (duration == TimeSpan.Zero)
        {
            return "0s";
        }

        var text = new StringBuilder();
        if (duration < TimeSpan.Zero)
        {
            text.Append('-');
            duration = duration.Negate();
        }

        if (duration < TimeSpan.FromMilliseconds(1))
        {
            return text.Append(CultureInfo.InvariantCulture, $"{duration.Ticks / 10m:0.#}us").ToString();
        }

        if (duration < TimeSpan.FromSeconds(1))
        {
            return text.Append(CultureInfo.InvariantCulture, $"{duration.Ticks / 10_000m:0.####}ms").ToString();
        }

        var hours = (long)duration.TotalHours;
        if (hours > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"{hours}h");
        }

        if (duration.Minutes > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"{duration.Minutes}m");
        }

        var seconds = duration.Ticks % TimeSpan.TicksPerMinute / (decimal)TimeSpan.TicksPerSecond;
        if (seconds > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"{seconds:0.#######}s");
        }

        return text.ToString();
    }
}

/// <summary>Writes a <see cref="TimeSpan"/> as seconds with a fraction, the unit of every stored instant and measure.</summary>
public sealed class SecondsJsonConverter : JsonConverter<TimeSpan>
{
    /// <inheritdoc />
    public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new((long)decimal.Round(reader.GetDecimal() * TimeSpan.TicksPerSecond));

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) =>
        writer.WriteNumberValue(value.Ticks / (decimal)TimeSpan.TicksPerSecond);
}
