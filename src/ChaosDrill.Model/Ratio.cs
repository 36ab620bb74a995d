using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ChaosDrill.Model;

/// <summary>A share between 0 and 1, written as a percentage: <c>99.5%</c>.</summary>
/// <param name="Value">The share, 0 to 1 inclusive.</param>
[JsonConverter(typeof(RatioJsonConverter))]
public readonly record struct Ratio(double Value)
{
    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");

    /// <summary>Reads a percentage such as <c>34%</c> or <c>99.95%</c>.</summary>
    /// <returns>False when the text has no percent sign, is no number or lies outside 0% to 100%.</returns>
    public static bool TryParse(string text, out Ratio ratio)
    {
        ratio = default;
        // .NET reads "5\0" as 5; a file must not.
        if (!text.EndsWith('%')
            || text.AsSpan(0, text.Length - 1).ContainsAnyExcept(NumberCharacters)
            || !decimal.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent)
            || percent is < 0 or > 100)
        {
            return false;
        }

        // Decimal first: 99.9% must become the double nearest to 0.999, so that 999 of 1000 meets it.
        ratio = new Ratio((double)(percent / 100m));
        return true;
    }

    /// <summary>The percentage with at most four decimals, as it is written in a scenario.</summary>
    public override string ToString() => (Value * 100).ToString("0.####", CultureInfo.InvariantCulture) + "%";
}

/// <summary>Writes a <see cref="Ratio"/> as its percentage text.</summary>
public sealed class RatioJsonConverter : JsonConverter<Ratio>
{
    /// <inheritdoc />
    public override Ratio Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Ratio.TryParse(reader.GetString() ?? "", out var ratio) ? ratio : throw new JsonException("not a percentage");

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, Ratio value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
