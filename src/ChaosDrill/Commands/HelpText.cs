using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace ChaosDrill.Commands;

/// <summary>Writes the help of a command: what it does, how it is called, examples and, at the root, exit codes.</summary>
/// <remarks>Not by System.CommandLine's own writer, which takes longer than all the rest of the program's start.</remarks>
/// <param name="isAsked">Whether --help asked for it, so that nothing else on the command line matters; otherwise a group without a command shows what it holds.</param>
internal sealed class HelpText(bool isAsked) : SynchronousCommandLineAction
{
    private const int Width = 100;
    private const int Gap = 2;

    /// <inheritdoc />
    public override bool ClearsParseErrors => isAsked;

    /// <inheritdoc />
    public override int Invoke(ParseResult parseResult)
    {
        Write(parseResult.CommandResult.Command, parseResult.InvocationConfiguration.Output);
        return (int)ExitCode.Pass;
    }

    /// <summary>Writes the help of one command.</summary>
    public static void Write(Command command, TextWriter output)
    {
        foreach (var line in command.Description!.Split('\n').SelectMany(l => Wrap(l, Width)))
        {
            output.WriteLine(line);
        }

        output.WriteLine();
        output.WriteLine("Usage:");
        output.WriteLine($"  {Usage(command)}");
        Section(output, "Commands:", command.Subcommands.Select(c => (c.Name, c.Description!)));
        Section(output, "Arguments:", command.Arguments.Select(a => (a.Name, a.Description!)));
        Section(output, "Options:", AllOptions(command).Select(o => (Called(o), o.Description!)));
        if (command is DrillCommand { Examples: { Count: > 0 } examples } || (examples = command is RootCommand ? RootExamples : []).Count > 0)
        {
            output.WriteLine();
            output.WriteLine("Examples:");
            foreach (var (what, line) in examples)
            {
                output.WriteLine($"  # {what}");
                output.WriteLine($"  {line}");
            }
        }

        if (command is RootCommand)
        {
            Section(output, "Exit codes:", ExitCodes.Listed.Select(c => (((int)c).ToString(), ExitCodes.Meaning(c))));
            output.WriteLine();
            output.WriteLine("\"chaosdrill COMMAND --help\" tells more about a command.");
        }
    }

    /// <summary>The command with its parents, arguments and the like.</summary>
    public static string Usage(Command command)
    {
        var usage = Path(command);
        usage = command.Subcommands.Count > 0 ? usage + " COMMAND" : usage;
        foreach (var argument in command.Arguments)
        {
            var name = argument.Arity.MaximumNumberOfValues > 1 ? argument.Name + "..." : argument.Name;
            usage += argument.HasDefaultValue || argument.Arity.MinimumNumberOfValues == 0 ? $" [{name}]" : " " + name;
        }

        return command.Options.Any(o => o is not HelpOption and not VersionOption) ? usage + " [options]" : usage;
    }

    /// <summary>An option as it is called: <c>-o, --output text|json</c>.</summary>
    public static string Called(Option option)
    {
        var names = string.Join(", ", option.Aliases.Where(a => a.Length == 2).Append(option.Name));
        return option.HelpName is { } value ? $"{names} {value}" : names;
    }

    /// <summary>The options of a command, those that every command has last.</summary>
    public static IEnumerable<Option> AllOptions(Command command) =>
        command.Options.Concat(command.Parents.OfType<Command>().SelectMany(Ancestors).SelectMany(c => c.Options).Where(o => o.Recursive))
            .Distinct().OrderBy(o => o is HelpOption or VersionOption);

    private static IReadOnlyList<(string What, string Line)> RootExamples { get; } =
    [
        ("Run a drill on the twin, an embedded cluster", "chaosdrill run scenarios/pod-kill.yaml"),
        ("See what it would do to a real cluster", "chaosdrill plan scenarios/pod-kill.yaml --context staging"),
        ("Look at past drills", "chaosdrill history"),
    ];

    private static IEnumerable<Command> Ancestors(Command command) =>
        command.Parents.OfType<Command>().SelectMany(Ancestors).Prepend(command);

    /// <summary>The command with its parents.</summary>
    public static string Path(Command command) =>
        command is RootCommand ? "chaosdrill" : $"{Path(command.Parents.OfType<Command>().First())} {command.Name}";

    private static void Section(TextWriter output, string title, IEnumerable<(string Name, string Text)> rows)
    {
        List<(string Name, string Text)> all = [.. rows];
        if (all.Count == 0)
        {
            return;
        }

        output.WriteLine();
        output.WriteLine(title);
        var column = 2 + all.Max(r => r.Name.Length) + Gap;
        foreach (var (name, text) in all)
        {
            var first = true;
            foreach (var line in Wrap(text, Width - column))
            {
                output.WriteLine((first ? "  " + name : "").PadRight(column) + line);
                first = false;
            }
        }
    }

    private static IEnumerable<string> Wrap(string text, int width)
    {
        while (text.Length > width)
        {
            var at = text.LastIndexOf(' ', width);
            at = at <= 0 ? width : at;
            yield return text[..at];
            text = text[at..].TrimStart();
        }

        yield return text;
    }
}
