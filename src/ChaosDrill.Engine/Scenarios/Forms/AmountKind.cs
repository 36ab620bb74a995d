using System.Text.Json.Nodes;
using ChaosDrill.Engine.Scenarios.Yaml;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Engine.Scenarios.Forms;

internal sealed class AmountKind : ScalarKind
{
    public override string Noun => "number or percentage";

    public override string Example => "34%";

    public override object Neutral => new Amount(1, null);

    public override Complaint? Read(YamlScalar scalar, out object value)
    {
        value = Neutral;
        if (!Amount.TryParse(scalar.Text, out var amount))
        {
            return scalar.Type == CoreType.WholeNumber
                ? new Complaint(ScenarioErrorCodes.Amount, $"found {scalar.Noun}, needs a whole number from 0, or a percentage", "write 2 or 34%")
                : PercentageKind.Explain(ScenarioErrorCodes.Amount, scalar.Text, "needs a whole number, or a percentage from 0% to 100%", "2 or 34%");
        }

        // Kubernetes tells 2 from "2" in such fields, and so do the editors that read the schema.
        if (amount.Count is not null && scalar.Type == CoreType.Text)
        {
            return new Complaint(
                ScenarioErrorCodes.WrongType, $"found the text {Shown.Quoted(scalar.Text)}, needs a whole number or a percentage",
                $"write {scalar.Text} without quotes, or with % behind it");
        }

        value = amount;
        return null;
    }

    public override JsonNode? ToJson(object value) => value is Amount { Count: { } count } ? JsonValue.Create(count) : base.ToJson(value);

    public override JsonObject Schema() =>
        new()
        {
            ["anyOf"] = new JsonArray(
                new JsonObject { ["type"] = "integer", ["minimum"] = 0 },
                new JsonObject { ["type"] = "string", ["pattern"] = PercentageKind.Pattern }),
        };
}
