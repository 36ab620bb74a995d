using System.Globalization;
using System.Text.Json.Nodes;
using ChaosDrill.Engine.Scenarios.Yaml;
using ChaosDrill.Model;

namespace ChaosDrill.Engine.Scenarios.Forms;

internal sealed class PercentageKind : ScalarKind
{
    /// <summary>What <see cref="Ratio.TryParse"/> reads.</summary>
    public const string Pattern = "^0*(100(\\.0*)?|[0-9]{1,2}(\\.[0-9]*)?|\\.[0-9]+)%$";

    public override string Noun => "percentage";

    public override string Example => "99.5%";

    public override object Neutral => new Ratio(1);

    public override Complaint? Read(YamlScalar scalar, out object value)
    {
        var good = Ratio.TryParse(scalar.Text, out var ratio);
        value = good ? ratio : Neutral;
        return good ? null : Explain(ScenarioErrorCodes.Percentage, scalar.Text, "a percentage is 0% to 100%", "99.5% or the like");
    }

    public override int Compare(object one, object other) => ((Ratio)one).Value.CompareTo(((Ratio)other).Value);

    public override JsonObject Schema() => new() { ["type"] = "string", ["pattern"] = Pattern };

    /// <summary>What is wrong with a text that is no percentage.</summary>
    internal static Complaint Explain(string code, string text, string allowed, string sample)
    {
        var isNumber = decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number);
        var meant = !isNumber ? text.Replace(" ", "", StringComparison.Ordinal).TrimEnd('%')
            : number is > 0 and < 1 ? (number * 100).ToString("0.####", CultureInfo.InvariantCulture)
            : text;
        return new Complaint(
            code, $"found {Shown.Quoted(text)}, " + (isNumber ? "a percentage needs its sign" : allowed),
            Ratio.TryParse(meant + "%", out _) ? $"write \"{meant}%\"" : "write " + sample);
    }
}
