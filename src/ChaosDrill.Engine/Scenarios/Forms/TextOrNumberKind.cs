using System.Text.Json.Nodes;
using ChaosDrill.Engine.Scenarios.Yaml;

namespace ChaosDrill.Engine.Scenarios.Forms;

/// <summary>Text that may also be written as a bare number, such as a port.</summary>
internal sealed class TextOrNumberKind : ScalarKind
{
    private static readonly WholeNumberKind Number = new();
    private static readonly TextKind Text = new();

    public override string Noun => "text or whole number";

    public override string Example => "80";

    public override object Neutral => "";

    public override Complaint? Read(YamlScalar scalar, out object value)
    {
        if (scalar.Type != CoreType.WholeNumber)
        {
            return Text.Read(scalar, out value);
        }

        // The number's own digits: 0x50 and +80 are both port 80.
        var complaint = Number.Read(scalar, out var number);
        value = Number.Write(number);
        return complaint;
    }

    public override JsonObject Schema() => new() { ["type"] = new JsonArray("string", "integer") };
}
