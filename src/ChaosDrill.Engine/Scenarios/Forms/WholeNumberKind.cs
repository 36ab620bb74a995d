using System.Globalization;
using System.Text.Json.Nodes;
using ChaosDrill.Engine.Scenarios.Yaml;

namespace ChaosDrill.Engine.Scenarios.Forms;

internal sealed class WholeNumberKind : ScalarKind
{
    public override string Noun => "whole number";

    public override string Example => "3";

    public override object Neutral => 1;

    public override Complaint? Read(YamlScalar scalar, out object value)
    {
        value = Neutral;
        if (scalar.Type != CoreType.WholeNumber)
        {
            var mend = scalar.Type == CoreType.Text && CoreSchema.TypeOf(scalar.Text) == CoreType.WholeNumber
                ? $"write {scalar.Text} without quotes"
                : "write a whole number, such as 3";
            return new Complaint(ScenarioErrorCodes.WrongType, $"found {scalar.Noun}, needs a whole number", mend);
        }

        if (!TryParse(scalar.Text, out var number))
        {
            return new Complaint(
                ScenarioErrorCodes.OutOfRange, $"found {Shown.Quoted(scalar.Text)}, too large for a whole number",
                $"write a number up to {int.MaxValue}");
        }

        value = number;
        return null;
    }

    public override JsonNode? ToJson(object value) => JsonValue.Create((int)value);

    public override JsonObject Schema() => new() { ["type"] = "integer" };

    private static bool TryParse(string text, out int number)
    {
        if (text.StartsWith("0x", StringComparison.Ordinal))
        {
            // The parser of the framework would read ffffffff as -1.
            var good = uint.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unsigned) && unsigned <= int.MaxValue;
            number = good ? (int)unsigned : 0;
            return good;
        }

        if (!text.StartsWith("0o", StringComparison.Ordinal))
        {
            return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
        }

        long octal = 0;
        foreach (var digit in text.AsSpan(2))
        {
            octal = Math.Min((octal * 8) + digit - '0', int.MaxValue + 1L);
        }

        number = (int)Math.Min(octal, int.MaxValue);
        return octal <= int.MaxValue;
    }
}
