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
        var signKey = CommonOptions.SignKey();
        var (store, templates) = (CommonOptions.Store(), CommonOptions.Templates());
        var command = new DrillCommand("report", "Write the report of a drill again, from the store alone.")
        {
            Examples =
            [
                ("Of the newest drill", "chaosdrill report"),
                ("With your own templates, somewhere else", "chaosdrill report latest --templates my-templates --output /tmp/post-mortem"),
            ],
        };
        command.Add(id);
        command.Add(folder);
        command.Add(templates);
        command.Add(signKey);
        command.Add(store);
        command.SetAction(parsed =>
        {
            var drill = StoredDrill.Read(parsed.GetValue(store), parsed.GetRequiredValue(id));
            using var key = Sealing.Key(parsed.GetValue(signKey));
            using var drills = DrillStore.OpenReadOnly(Places.Store(parsed.GetValue(store)));
            var page = Reporting.Write(
                parsed.GetValue(folder) ?? Places.Report(null, drill.Record.Header.Id), drill.Record, drill.Judgement, parsed.GetValue(templates), drills, key);
            Terminal.Current.Out.WriteLine(page);
            return (int)ExitCode.Pass;
        });
        return command;
    }
}
