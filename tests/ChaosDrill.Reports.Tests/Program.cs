using ChaosDrill.Model.Drills;
using ChaosDrill.Reports;
using ChaosDrill.Reports.Templates;
using ChaosDrill.Reports.Tests;

// "--gallery FOLDER" writes a report of each sort, to be looked at in a browser.
if (args is ["--gallery", var folder])
{
    foreach (var (name, drill) in Gallery.All)
    {
        ReportFolder.Write(Path.Combine(folder, name), drill.Record, drill.Judgement, TemplateFolder.Shipped, ContextTests.Nights(drill.Record, Gallery.Pass().Judgement, 60));
        ReportFolder.Write(Path.Combine(folder, name + "-judged"), drill.Record, Judge.Of(drill.Record), TemplateFolder.Shipped);
    }

    return 0;
}

return await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
