using System.CommandLine;
using ChaosDrill.Engine.Scenarios;
using ChaosDrill.Hosting;
using ChaosDrill.Views;

namespace ChaosDrill.Commands;

/// <summary><c>chaosdrill schema</c>.</summary>
internal static class SchemaCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new DrillCommand("schema", "Print the JSON Schema of scenario files, for editors.")
        {
            Examples = [("Completion and checks while you type, in any editor that knows YAML schemas", "chaosdrill schema > scenario.schema.json")],
        };
        command.SetAction(_ =>
        {
            Terminal.Current.Out.Write(ScenarioSchema.Generate(Vocabulary.Full, XmlDocs.Of(Vocabulary.Full)));
            return (int)ExitCode.Pass;
        });
        return command;
    }
}
