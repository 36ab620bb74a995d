using System.CommandLine;
using System.CommandLine.Help;
using ChaosDrill.Hosting;

namespace ChaosDrill.Commands;

/// <summary>The whole command line.</summary>
internal static class CommandLine
{
    /// <summary>Arguments are taken as they are: no file is read for an <c>@</c>, no letters are bundled.</summary>
    public static ParserConfiguration Parsing { get; } = new() { EnablePosixBundling = false, ResponseFileTokenReplacer = null };

    /// <summary>All commands.</summary>
    public static RootCommand Create()
    {
        var root = new RootCommand("ChaosDrill runs chaos and disaster-recovery drills on Kubernetes: it breaks a cluster on purpose,\nmeasures how long it takes to come back and what was lost, and says whether that was good enough.");
        foreach (var command in (Command[])
        [
            RunCommand.Create(), PlanCommand.Create(), RbacCommand.Create(), ValidateCommand.Create(), HistoryCommand.Create(), ShowCommand.Create(), CompareCommand.Create(), TrendCommand.Create(),
            ReportCommand.Create(), VerifyEvidenceCommand.Create(), PlaybookCommand.Create(), TemplateCommand.Create(), UndoCommand.Create(), SweepCommand.Create(), TwinCommand.Create(),
            WorkerCommand.Create(), ScheduleCommand.Create(), DrillsCommand.Create(), SelfTestCommand.Create(), SchemaCommand.Create(), CompletionCommand.Create(),
        ])
        {
            root.Add(command);
        }

        var help = root.Options.OfType<HelpOption>().Single();
        foreach (var windows in (string[])["/h", "/?", "-?"])
        {
            help.Aliases.Remove(windows);
        }

        help.Description = "Show this help.";
        help.Action = new HelpText(isAsked: true);
        var version = root.Options.OfType<VersionOption>().Single();
        version.Description = "Show the version.";
        version.Action = new VersionText();

        // A command that only holds others shows what they are.
        var contents = new HelpText(isAsked: false);
        root.Action = contents;
        foreach (var group in root.Subcommands.Where(c => c.Action is null))
        {
            group.Action = contents;
        }

        return root;
    }

    private sealed class VersionText : System.CommandLine.Invocation.SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            parseResult.InvocationConfiguration.Output.WriteLine($"chaosdrill {Tool.Version}");
            return (int)ExitCode.Pass;
        }
    }
}
