using System.Text.Json.Nodes;
using ChaosDrill.Engine.Scenarios.Yaml;

namespace ChaosDrill.Engine.Scenarios.Forms;

internal sealed class TextKind : ScalarKind
{
    public override string Noun => "text";

    public override string Example => "storefront";

    public override object Neutral => "";

    public override Complaint? Read(YamlScalar scalar, out object value)
    {
        value = scalar.Text;
        return scalar.Type == CoreType.Text
            ? null
            : new Complaint(ScenarioErrorCodes.WrongType, $"found {scalar.Noun}, needs text", $"write \"{scalar.Text}\" in quotes");
    }

    public override JsonObject Schema() => new() { ["type"] = "string" };
}
