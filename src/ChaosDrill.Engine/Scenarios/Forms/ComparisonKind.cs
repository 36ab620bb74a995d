using System.Text.Json.Nodes;
using ChaosDrill.Engine.Scenarios.Yaml;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Engine.Scenarios.Forms;

internal sealed class ComparisonKind : ScalarKind
{
    /// <summary>What <see cref="Comparison.TryParse"/> reads, but for what no double can hold.</summary>
    public const string Pattern = "^(<=|>=|==|!=|<|>) *([+-]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([eE][+-]?[0-9]+)?|[0-9.]+%)$";

    public override string Noun => "comparison";

    public override string Example => "< 0.01";

    public override object Neutral => new Comparison("<", 0);

    public override Complaint? Read(YamlScalar scalar, out object value)
    {
        var good = Comparison.TryParse(scalar.Text, out var comparison);
        value = good ? comparison : Neutral;
        return good ? null : new Complaint(
            ScenarioErrorCodes.Comparison, $"found {Shown.Quoted(scalar.Text)}, a comparison is <, <=, >, >=, == or != and a number",
            Guess(scalar.Text) is { } guess ? $"write \"{guess}\"" : "write \"< 0.01\" or the like");
    }

    public override JsonObject Schema() => new() { ["type"] = "string", ["pattern"] = Pattern };

    // "0.01", "=< 0.01", "= 1" and "=> 3" are what people write who think of something else.
    private static string? Guess(string text)
    {
        var sign = text.TakeWhile(c => "<>=!".Contains(c)).ToArray();
        var meant = new string(sign) switch { "" => "<", "=<" => "<=", "=>" => ">=", "=" or "===" => "==", "<>" or "!" => "!=", _ => "?" };
        var guess = $"{meant} {text[sign.Length..].Trim()}";
        return Comparison.TryParse(guess, out _) ? guess : null;
    }
}
