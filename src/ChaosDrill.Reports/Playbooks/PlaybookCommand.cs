using System.Text.RegularExpressions;

namespace ChaosDrill.Reports.Playbooks;

/// <summary>What a block of commands does to the cluster.</summary>
public enum CommandEffect
{
    /// <summary>It only reads: <c>sh look</c>.</summary>
    Look,

    /// <summary>It changes something, and the server can rehearse it: <c>sh change</c>.</summary>
    Change,

    /// <summary>It is for another machine, or nothing can rehearse it: <c>sh by-hand</c>.</summary>
    ByHand,
}

/// <summary>One command line of a playbook.</summary>
/// <param name="Line">Where it stands, from 1.</param>
/// <param name="Section">The heading above it.</param>
/// <param name="Effect">What it does.</param>
/// <param name="Text">The command.</param>
/// <param name="Block">The line that opens its block.</param>
public sealed partial record PlaybookCommand(int Line, string Section, CommandEffect Effect, string Text, int Block)
{
    /// <summary>The commands of a playbook, from its <c>sh look</c>, <c>sh change</c> and <c>sh by-hand</c> fences; comments are left out.</summary>
    /// <exception cref="ReportException">A fence of commands does not say what they do.</exception>
    public static IReadOnlyList<PlaybookCommand> Of(string markdown)
    {
        List<PlaybookCommand> commands = [];
        var (section, number, block) = ("", 0, 0);
        CommandEffect? inside = null;
        foreach (var line in markdown.Split('\n'))
        {
            number++;
            if (line.StartsWith("```", StringComparison.Ordinal))
            {
                block = number;
                inside = inside is not null ? null : Fence().Match(line) is not { Success: true } fence ? null : fence.Groups[1].Value switch
                {
                    "look" => CommandEffect.Look,
                    "change" => CommandEffect.Change,
                    "by-hand" => CommandEffect.ByHand,
                    _ => throw new ReportException($"line {number}: the fence must say what its commands do: sh look, sh change or sh by-hand"),
                };
            }
            else if (inside is { } effect)
            {
                if (line.Length > 0 && line[0] != '#')
                {
                    commands.Add(new PlaybookCommand(number, section, effect, line, block));
                }
            }
            else if (line.StartsWith('#'))
            {
                section = line.TrimStart('#', ' ');
            }
        }

        return commands;
    }

    [GeneratedRegex(@"^```sh ?(\S*)\s*$", RegexOptions.CultureInvariant)]
    private static partial Regex Fence();
}
