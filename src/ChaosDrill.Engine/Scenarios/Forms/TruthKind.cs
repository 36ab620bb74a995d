using System.Text.Json.Nodes;
using ChaosDrill.Engine.Scenarios.Yaml;

namespace ChaosDrill.Engine.Scenarios.Forms;

internal sealed class TruthKind : ScalarKind
{
    public override string Noun => "true or false";

    public override string Example => "true";

    public override object Neutral => false;

    public override Complaint? Read(YamlScalar scalar, out object value)
    {
        value = scalar.Text is "true" or "True" or "TRUE";
        if (scalar.Type == CoreType.Bool)
        {
            return null;
        }

        var meant = scalar.Text.ToLowerInvariant() switch
        {
            "true" or "yes" or "on" or "y" => "write true",
            "false" or "no" or "off" or "n" => "write false",
            _ => "write true or false",
        };
        return new Complaint(ScenarioErrorCodes.WrongType, $"found {scalar.Noun}, needs true or false", meant + ", without quotes");
    }

    public override string Write(object value) => (bool)value ? "true" : "false";

    public override JsonNode? ToJson(object value) => JsonValue.Create((bool)value);

    public override JsonObject Schema() => new() { ["type"] = "boolean" };
}
