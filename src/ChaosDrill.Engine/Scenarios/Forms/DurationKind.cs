using System.Buffers;
using System.Text.Json.Nodes;
using ChaosDrill.Engine.Scenarios.Yaml;
using ChaosDrill.Model;

namespace ChaosDrill.Engine.Scenarios.Forms;

internal sealed class DurationKind : ScalarKind
{
    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");

    /// <summary>What <see cref="GoDuration.TryParse"/> reads, but for its limit of ten years.</summary>
    public const string Pattern = "^(([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ns|us|\u00b5s|\u03bcs|ms|s|m|h))+$";

    public override string Noun => "duration";

    public override string Example => "30s";

    public override object Neutral => TimeSpan.FromSeconds(1);

    public override Complaint? Read(YamlScalar scalar, out object value)
    {
        value = Neutral;
        if (GoDuration.TryParse(scalar.Text, out var duration))
        {
            value = duration;
            return null;
        }

        var found = $"found {Shown.Quoted(scalar.Text)}, ";
        if (scalar.Text.StartsWith('-'))
        {
            return new Complaint(ScenarioErrorCodes.Duration, found + "a duration cannot be negative", "write \"30s\" or the like");
        }

        if (CoreSchema.TypeOf(scalar.Text) is CoreType.WholeNumber or CoreType.Number && GoDuration.TryParse(scalar.Text + "s", out _))
        {
            return new Complaint(ScenarioErrorCodes.Duration, found + "a duration needs a unit", $"write \"{scalar.Text}s\"");
        }

        return new Complaint(
            ScenarioErrorCodes.Duration, found + "a duration is numbers with the units ms, s, m or h",
            Guess(scalar.Text) is { } guess ? $"write \"{guess}\"" : "write \"500ms\", \"30s\" or \"1h30m\"");
    }

    public override string Write(object value) => GoDuration.Format((TimeSpan)value);

    public override JsonObject Schema() =>
        new() { ["anyOf"] = new JsonArray(new JsonObject { ["type"] = "string", ["pattern"] = Pattern }, new JsonObject { ["const"] = 0 }) };

    // "30 seconds", "5 min", "10S" and "1d" are what people write who do not know Go.
    private static string? Guess(string text)
    {
        var plain = text.Replace(" ", "", StringComparison.Ordinal).ToLowerInvariant();
        var digits = plain.AsSpan().IndexOfAnyExcept(NumberCharacters);
        if (digits <= 0 || plain.Length > 24)
        {
            return null;
        }

        var (number, unit) = (plain[..digits], plain[digits..]);
        var guess = unit switch
        {
            "sec" or "secs" or "second" or "seconds" => number + "s",
            "min" or "mins" or "minute" or "minutes" => number + "m",
            "hr" or "hrs" or "hour" or "hours" => number + "h",
            "msec" or "millis" or "milliseconds" => number + "ms",
            "d" or "day" or "days" when int.TryParse(number, out var days) && days <= 3650 => (days * 24) + "h",
            _ => plain,
        };
        return GoDuration.TryParse(guess, out _) ? guess : null;
    }
}
