using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace ChaosDrill.Commands;

/// <summary>Help as System.CommandLine writes it, and below it examples and, at the root, exit codes.</summary>
/// <param name="inner">What writes the help proper.</param>
/// <param name="isAsked">Whether --help asked for it, so that nothing else on the command line matters; otherwise a group without a command shows what it holds.</param>
internal sealed class HelpText(HelpAction inner, bool isAsked) : SynchronousCommandLineAction
{
    private const int Width = 100;

    /// <inheritdoc />
    public override bool ClearsParseErrors => isAsked;

    /// <inheritdoc />
    public override int Invoke(ParseResult parseResult)
    {
        inner.MaxWidth = Width;
        inner.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        var command = parseResult.CommandResult.Command;
        if (Examples(command) is { Count: > 0 } examples)
        {
            output.WriteLine("Examples:");
            foreach (var (what, line) in examples)
            {
                output.WriteLine($"  # {what}");
                output.WriteLine($"  {line}");
            }

            output.WriteLine();
        }

        if (command is RootCommand)
        {
            output.WriteLine("Exit codes:");
            foreach (var code in ExitCodes.Listed)
            {
                output.WriteLine($"  {(int)code,-4}{ExitCodes.Meaning(code)}");
            }

            output.WriteLine();
            output.WriteLine("\"chaosdrill COMMAND --help\" tells more about a command.");
        }

        return (int)ExitCode.Pass;
    }

    private static IReadOnlyList<(string What, string Line)> Examples(Command command) => command switch
    {
        DrillCommand drill => drill.Examples,
        RootCommand =>
        [
            ("Run a drill on the twin, an embedded cluster", "chaosdrill run scenarios/pod-kill.yaml"),
            ("See what it would do to a real cluster", "chaosdrill plan scenarios/pod-kill.yaml --context staging"),
            ("Look at past drills", "chaosdrill history"),
        ],
        _ => [],
    };
}
