using System.CommandLine;
using System.CommandLine.Parsing;
using ChaosDrill.Model;

namespace ChaosDrill.Commands;

/// <summary>Says what is wrong with a command line, in one message.</summary>
internal static class UsageErrors
{
    /// <summary>The error, what was probably meant, and where help is.</summary>
    public static string Tell(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var help = $"see \"{Path(parsed.CommandResult)} --help\"";
        if (parsed.UnmatchedTokens is [var unknown, ..])
        {
            var (what, valid) = unknown.StartsWith('-')
                ? ("option", Options(parsed.CommandResult))
                : command.Subcommands.Count > 0 ? ("command", command.Subcommands.Select(c => c.Name)) : ("argument", []);
            return NearestName.Of(unknown, valid) is { } nearest
                ? $"there is no {what} \"{unknown}\"; did you mean \"{nearest}\"? For all of them {help}"
                : what == "argument" ? $"\"{unknown}\" is one argument too many; {help}" : $"there is no {what} \"{unknown}\"; {help}";
        }

        var messages = parsed.Errors.Select(Words).Distinct();
        return $"{string.Join("; ", messages)}; {help}";
    }

    private static string Words(ParseError error) => error.SymbolResult switch
    {
        ArgumentResult { Tokens.Count: 0, Parent: CommandResult { Command: var command } } argument => $"\"{command.Name}\" needs {argument.Argument.Name}",
        OptionResult { Tokens.Count: 0 } option => $"{option.Option.Name} needs a value{(option.Option.HelpName is { } name ? $": {name}" : "")}",
        _ => Sentence(error.Message),
    };

    private static string Sentence(string message)
    {
        var line = string.Join(' ', message.Split((char[])['\n', '\r', '\t'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).TrimEnd('.');
        return line.Length > 1 && char.IsUpper(line[0]) && char.IsLower(line[1]) ? char.ToLowerInvariant(line[0]) + line[1..] : line;
    }

    private static IEnumerable<string> Options(CommandResult result)
    {
        for (SymbolResult? at = result; at is not null; at = at.Parent)
        {
            if (at is CommandResult { Command: var command })
            {
                foreach (var option in command.Options.Where(o => at == result || o.Recursive))
                {
                    yield return option.Name;
                }
            }
        }
    }

    private static string Path(CommandResult result)
    {
        var names = new List<string>();
        for (SymbolResult? at = result; at is CommandResult { Command: var command }; at = at.Parent)
        {
            names.Insert(0, command is RootCommand ? "chaosdrill" : command.Name);
        }

        return string.Join(' ', names);
    }
}
