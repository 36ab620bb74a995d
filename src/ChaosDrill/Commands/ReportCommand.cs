using System.CommandLine;
using ChaosDrill.Hosting;
using ChaosDrill.Store;
using ChaosDrill.Views;

namespace ChaosDrill.Commands;

/// <summary><c>chaosdrill report</c>.</summary>
internal static class ReportCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var id = CommonOptions.DrillId();
        var folder = CommonOptions.Text("--output", "DIR", "Folder to write into. Default: reports/ID.");
        folder.Aliases.Add("-o");
        var pdf = new Option<bool>("--pdf") { Description = "Also print the page to postmortem.pdf, with an installed Chromium." };
        var signKey = CommonOptions.SignKey();
        var (store, templates) = (CommonOptions.Store(), CommonOptions.Templates());
        var command = new DrillCommand("report", "Write the report of a drill again, from the store alone.")
        {
            Examples =
            [
                ("Of the newest drill", "chaosdrill report"),
                ("To read on paper", "chaosdrill report latest --pdf"),
                ("With your own templates, somewhere else", "chaosdrill report latest --templates my-templates --output /tmp/post-mortem"),
            ],
        };
        command.Add(id);
        command.Add(folder);
        command.Add(templates);
        command.Add(pdf);
        command.Add(signKey);
        command.Add(store);
        command.SetAction(async (parsed, stop) =>
        {
            var drill = StoredDrill.Read(parsed.GetValue(store), parsed.GetRequiredValue(id));
            var browser = parsed.GetValue(pdf) ? Printing.Browser() : null;
            using var key = Sealing.Key(parsed.GetValue(signKey));
            using var drills = DrillStore.OpenReadOnly(Places.Store(parsed.GetValue(store)));
            var page = Reporting.Write(
                parsed.GetValue(folder) ?? Places.Report(null, drill.Record.Header.Id), drill.Record, drill.Judgement, parsed.GetValue(templates), drills, key);
            Terminal.Current.Out.WriteLine(page);
            if (browser is not null)
            {
                Terminal.Current.Out.WriteLine(await Printing.PrintAsync(browser, page, stop));
            }

            return (int)ExitCode.Pass;
        });
        return command;
    }
}
