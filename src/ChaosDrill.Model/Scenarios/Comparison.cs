using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using ChaosDrill.Model.Measures;

namespace ChaosDrill.Model.Scenarios;

/// <summary>What a number must be, as a sign of PromQL and a number: <c>&lt; 0.01</c>.</summary>
/// <param name="Sign">One of <c>&lt;</c>, <c>&lt;=</c>, <c>&gt;</c>, <c>&gt;=</c>, <c>==</c>, <c>!=</c>.</param>
/// <param name="Number">What it is held against; finite.</param>
[JsonConverter(typeof(ComparisonJsonConverter))]
public sealed record Comparison(string Sign, double Number)
{
    /// <summary>The signs; the longer ones first, as they are read.</summary>
    private static readonly string[] Signs = ["<=", ">=", "==", "!=", "<", ">"];

    /// <summary>Whether a larger number is the better one.</summary>
    public bool MoreIsBetter => Sign is ">" or ">=";

    /// <summary>Reads <c>&lt; 0.01</c>, <c>&gt;=100</c> or <c>&lt; 1%</c>.</summary>
    /// <returns>False when there is no sign, or no finite number behind it.</returns>
    public static bool TryParse(string text, out Comparison comparison)
    {
        comparison = new Comparison("==", 0);
        if (Array.Find(Signs, s => text.StartsWith(s, StringComparison.Ordinal)) is not { } sign)
        {
            return false;
        }

        var number = text[sign.Length..].Trim(' ');
        if (Ratio.TryParse(number, out var share))
        {
            comparison = new Comparison(sign, share.Value);
            return true;
        }

        // .NET reads "5\0" as 5; a file must not.
        const NumberStyles Style = NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign | NumberStyles.AllowExponent;
        if (number.Any(c => !char.IsAsciiDigit(c) && !"+-.eE".Contains(c))
            || !double.TryParse(number, Style, CultureInfo.InvariantCulture, out var value) || !double.IsFinite(value))
        {
            return false;
        }

        comparison = new Comparison(sign, value);
        return true;
    }

    /// <summary>Whether a number that is known exactly is as it must be.</summary>
    public bool Holds(double value) => Meets(value, value);

    /// <summary>Whether a value is as it must be with its whole uncertainty.</summary>
    public bool IsMetBy(MeasuredValue value) => Meets(value.Low, value.High);

    /// <summary>Whether a value is not as it must be with its whole uncertainty.</summary>
    public bool IsMissedBy(MeasuredValue value) => (this with { Sign = Opposite }).Meets(value.Low, value.High);

    /// <summary>The number that is nearest to a miss, or the farthest beyond it.</summary>
    public double Worst(IEnumerable<double> values) => Sign switch
    {
        "<" or "<=" => values.Max(),
        ">" or ">=" => values.Min(),
        "==" => values.MaxBy(v => Math.Abs(v - Number)),
        _ => values.MinBy(v => Math.Abs(v - Number)),
    };

    /// <inheritdoc />
    public override string ToString() => $"{Sign} {Number.ToString("R", CultureInfo.InvariantCulture)}";

    private string Opposite => Sign switch { "<" => ">=", "<=" => ">", ">" => "<=", ">=" => "<", "==" => "!=", _ => "==" };

    // What is null is not known, and compares to nothing.
    private bool Meets(double? low, double? high) => Sign switch
    {
        "<" => high < Number,
        "<=" => high <= Number,
        ">" => low > Number,
        ">=" => low >= Number,
        "==" => low == Number && high == Number,
        _ => low > Number || high < Number,
    };
}

/// <summary>Writes a <see cref="Comparison"/> as its text.</summary>
public sealed class ComparisonJsonConverter : JsonConverter<Comparison>
{
    /// <inheritdoc />
    public override Comparison Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Comparison.TryParse(reader.GetString() ?? "", out var comparison) ? comparison : throw new JsonException("not a comparison");

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, Comparison value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
