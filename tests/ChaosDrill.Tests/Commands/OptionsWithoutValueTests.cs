using System.CommandLine;
using ChaosDrill.Commands;

namespace ChaosDrill.Tests.Commands;

/// <summary>An option that was written without its value is told by name, for every option of every command: nothing may throw, and nothing else may be blamed.</summary>
public sealed class OptionsWithoutValueTests
{
    public static TheoryData<string> CommandsWithOption()
    {
        var lines = new TheoryData<string>();
        Collect(CommandLine.Create(), "");
        return lines;

        void Collect(Command command, string path)
        {
            foreach (var option in command.Options.Where(o => o.Arity.MinimumNumberOfValues > 0))
            {
                lines.Add($"{path}{option.Name}");
            }

            foreach (var child in command.Subcommands)
            {
                Collect(child, $"{path}{child.Name} ");
            }
        }
    }

    [Theory]
    [MemberData(nameof(CommandsWithOption))]
    public void Parse_OptionWithoutItsValue_IsToldByName(string line)
    {
        var parsed = CommandLine.Create().Parse(line.Split(' '), CommandLine.Parsing);

        Assert.Contains($"{line.Split(' ')[^1]} needs a value", UsageErrors.Tell(parsed), StringComparison.Ordinal);
    }
}
