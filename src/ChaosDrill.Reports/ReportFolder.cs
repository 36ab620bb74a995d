using ChaosDrill.Model.Drills;
using ChaosDrill.Reports.Documents;
using ChaosDrill.Reports.Templates;

namespace ChaosDrill.Reports;

/// <summary>The documents of one drill side by side in a folder.</summary>
public static class ReportFolder
{
    private const string PostMortemFile = "postmortem.md";

    /// <summary>Writes <c>postmortem.html</c>, <c>postmortem.md</c> with its drawings, <c>drill.json</c>, <c>junit.xml</c> and <c>chat.txt</c>.</summary>
    /// <remarks>
    /// Each file is replaced at once or not at all, and nothing is written when a template is wrong. There is no
    /// drawing of what was not observed. What people filled into the parts of an earlier <c>postmortem.md</c> is kept,
    /// and shown in the page.
    /// </remarks>
    /// <param name="folder">Made when it is missing; files of the same names are replaced.</param>
    /// <param name="record">The drill.</param>
    /// <param name="judgement">What follows from it.</param>
    /// <param name="templates">Where the templates come from.</param>
    /// <param name="earlier">Earlier drills to compare with.</param>
    /// <returns>Paths of the files, the page for people first.</returns>
    /// <exception cref="TemplateException">A template is wrong.</exception>
    /// <exception cref="ReportException">The folder cannot be written to, or the parts that people filled in cannot be told apart.</exception>
    public static IReadOnlyList<string> Write(
        string folder, DrillRecord record, Judgement judgement, TemplateFolder templates,
        IReadOnlyList<(DrillHeader Header, Judgement Judgement)>? earlier = null)
    {
        SortedDictionary<string, string> pictures = new(StringComparer.Ordinal);
        var context = new PostMortemContext { Earlier = earlier ?? [] };
        var fresh = PostMortem.Markdown(record, judgement, templates, context, pictures);
        var (unfilled, kept) = (HumanParts.Of(fresh), Kept(Path.Combine(folder, PostMortemFile)));
        var filled = kept.Where(k => k.Value.Length > 0 && unfilled.GetValueOrDefault(k.Key) != k.Value).ToDictionary();
        (string Name, string Text)[] documents =
        [
            ("postmortem.html", PostMortem.Html(record, judgement, templates, context with { Filled = filled })),
            (PostMortemFile, HumanParts.Keep(fresh, filled)),
            .. pictures.Select(p => (p.Key, p.Value)),
            ("drill.json", DrillDocument.Json(record, judgement)),
            ("junit.xml", JUnit.Xml(record, judgement)),
            ("chat.txt", ChatText.Of(record, judgement)),
        ];

        List<string> written = [];
        try
        {
            Directory.CreateDirectory(folder);
            foreach (var (name, text) in documents)
            {
                var path = Path.Combine(folder, name);
                WholeFile.Replace(path, text);
                written.Add(path);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new ReportException(
                $"Cannot write the report to {folder}: {failure.Message.TrimEnd('.')}. Choose a folder that can be written to; the drill itself is stored.", failure);
        }

        return written;
    }

    private static IReadOnlyDictionary<string, string> Kept(string file)
    {
        try
        {
            return File.Exists(file) ? HumanParts.Of(File.ReadAllText(file)) : new Dictionary<string, string>();
        }
        catch (ReportException broken)
        {
            throw new ReportException($"{file}: {broken.Message}. Mend the marks around what people filled in; nothing was overwritten.", broken);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new ReportException($"Cannot read {file}, whose filled-in parts are to be kept: {failure.Message.TrimEnd('.')}. Nothing was overwritten.", failure);
        }
    }
}
