using System.CommandLine;
using ChaosDrill.Reports;
using ChaosDrill.Reports.Templates;
using ChaosDrill.Views;

namespace ChaosDrill.Commands;

/// <summary><c>chaosdrill template</c>.</summary>
internal static class TemplateCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new DrillCommand("template", "Templates of reports and playbooks.");
        command.Add(Check());
        return command;
    }

    private static DrillCommand Check()
    {
        var folder = new Argument<string>("DIR") { Description = "Folder of templates." };
        var playbooks = new Option<bool>("--playbooks") { Description = "The folder holds templates of playbooks, not of reports." };
        var command = new DrillCommand("check", "Fill every template of a folder with a sample drill; names each mistake with file, line and column. Ends with 64 when there is one.")
        {
            Examples =
            [
                ("Your own report templates", "chaosdrill template check my-templates"),
                ("Your own playbook templates", "chaosdrill template check my-playbooks --playbooks"),
            ],
        };
        command.Add(folder);
        command.Add(playbooks);
        command.SetAction(parsed => (int)Check(parsed.GetRequiredValue(folder), parsed.GetValue(playbooks)));
        return command;
    }

    private static ExitCode Check(string folder, bool playbooks)
    {
        IReadOnlyList<TemplateException> faults;
        try
        {
            faults = playbooks ? TemplateCheck.Playbooks(TemplateFolder.PlaybooksAt(folder)) : TemplateCheck.Reports(TemplateFolder.At(folder));
        }
        catch (TemplateException e)
        {
            throw new CommandException(ExitCode.BadUsage, e.Message, e);
        }

        foreach (var fault in faults)
        {
            Terminal.Current.Error.WriteLine(StyledLine.Printable(fault.Message));
        }

        if (faults.Count > 0)
        {
            Terminal.Current.Error.WriteLine($"error: {Model.Measures.Figures.Count(faults.Count, "mistake")} in {folder}");
            return ExitCode.BadUsage;
        }

        Terminal.Current.Write(new StyledLine().Add("good", Tone.Good).Add($"  {folder}"));
        return ExitCode.Pass;
    }
}
