using ChaosDrill.Model.Drills;
using ChaosDrill.Reports.Documents;
using ChaosDrill.Reports.Templates;

namespace ChaosDrill.Reports;

/// <summary>The documents of one drill side by side in a folder.</summary>
public static class ReportFolder
{
    /// <summary>Writes <c>postmortem.md</c>, <c>postmortem.html</c>, <c>timeline.svg</c>, <c>drill.json</c> and <c>junit.xml</c>.</summary>
    /// <remarks>
    /// Each file is replaced at once or not at all, and nothing is written when a template is wrong. There is no
    /// <c>timeline.svg</c> when nothing was observed.
    /// </remarks>
    /// <param name="folder">Made when it is missing; files of the same names are replaced.</param>
    /// <param name="record">The drill.</param>
    /// <param name="judgement">What follows from it.</param>
    /// <param name="templates">Where the templates come from.</param>
    /// <returns>Paths of the files, the page for people first.</returns>
    /// <exception cref="TemplateException">A template is wrong.</exception>
    /// <exception cref="ReportException">The folder cannot be written to.</exception>
    public static IReadOnlyList<string> Write(string folder, DrillRecord record, Judgement judgement, TemplateFolder templates)
    {
        const string ChartFile = "timeline.svg";
        (string Name, string? Text)[] documents =
        [
            ("postmortem.html", PostMortem.Html(record, judgement, templates)),
            ("postmortem.md", PostMortem.Markdown(record, judgement, templates, ChartFile)),
            (ChartFile, PostMortem.Timeline(record, judgement)),
            ("drill.json", DrillDocument.Json(record, judgement)),
            ("junit.xml", JUnit.Xml(record, judgement)),
        ];

        List<string> written = [];
        try
        {
            Directory.CreateDirectory(folder);
            foreach (var (name, text) in documents)
            {
                if (text is not null)
                {
                    var path = Path.Combine(folder, name);
                    WholeFile.Replace(path, text);
                    written.Add(path);
                }
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new ReportException(
                $"Cannot write the report to {folder}: {failure.Message.TrimEnd('.')}. Choose a folder that can be written to; the drill itself is stored.", failure);
        }

        return written;
    }
}
