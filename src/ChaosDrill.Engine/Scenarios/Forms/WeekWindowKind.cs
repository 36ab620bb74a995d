using System.Text.Json.Nodes;
using ChaosDrill.Engine.Scenarios.Yaml;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Engine.Scenarios.Forms;

internal sealed class WeekWindowKind : ScalarKind
{
    private const string Day = "(mon|tue|wed|thu|fri|sat|sun)";
    private const string Days = $"{Day}(-{Day})?";
    private const string Opens = "([01][0-9]|2[0-3]):[0-5][0-9]";
    private const string Pattern = $"^ *({Days}(,{Days})* +)?{Opens}-({Opens}|24:00) *$";

    public override string Noun => "window of the week";

    public override string Example => "mon-fri 09:00-17:00";

    public override object Neutral => WeekWindow.Parse("00:00-24:00")!;

    public override Complaint? Read(YamlScalar scalar, out object value)
    {
        var window = WeekWindow.Parse(scalar.Text);
        value = window ?? Neutral;
        return window is null
            ? new Complaint(
                ScenarioErrorCodes.Window, $"found {Shown.Quoted(scalar.Text)}, which is no window of the week", "write \"mon-fri 09:00-17:00\", \"sat,sun 00:00-24:00\" or \"01:00-05:00\"")
            : null;
    }

    public override JsonObject Schema() => new() { ["type"] = "string", ["pattern"] = Pattern };
}
