using System.Text.Json.Nodes;
using ChaosDrill.Engine.Scenarios.Yaml;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Engine.Scenarios.Forms;

internal sealed class DateSpanKind : ScalarKind
{
    private const string Date = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])";

    public override string Noun => "day or span of days";

    public override string Example => "2026-12-20..2027-01-06";

    public override object Neutral => DateSpan.Parse("2026-01-01")!;

    public override Complaint? Read(YamlScalar scalar, out object value)
    {
        var span = DateSpan.Parse(scalar.Text);
        value = span ?? Neutral;
        return span is null
            ? new Complaint(ScenarioErrorCodes.Days, $"found {Shown.Quoted(scalar.Text)}, which is no day and no span of days", "write \"2026-12-24\" or \"2026-12-20..2027-01-06\"")
            : null;
    }

    public override JsonObject Schema() => new() { ["type"] = "string", ["pattern"] = $"^{Date}(\\.\\.{Date})?$" };
}
