using System.CommandLine;
using System.Text;

namespace ChaosDrill.Commands;

/// <summary>The reference page of the commands: their help texts, so that page and program cannot differ.</summary>
internal static class CommandReference
{
    /// <summary>The page.</summary>
    public static string Markdown()
    {
        var page = new StringBuilder("# Commands\n\nThis page is generated from the program's help texts.\n");
        Append(page, CommandLine.Create());
        return page.ToString();
    }

    private static void Append(StringBuilder page, Command command)
    {
        using var help = new StringWriter { NewLine = "\n" };
        HelpText.Write(command, help);
        page.Append($"\n## {HelpText.Path(command)}\n\n```text\n{help.ToString().TrimEnd()}\n```\n");
        foreach (var child in command.Subcommands)
        {
            Append(page, child);
        }
    }
}
