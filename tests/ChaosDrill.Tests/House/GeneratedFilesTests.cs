using System.Text.RegularExpressions;
using ChaosDrill.Commands;
using ChaosDrill.Engine.Scenarios;
using ChaosDrill.Hosting;
using ChaosDrill.Reports;

namespace ChaosDrill.Tests.House;

/// <summary>What is generated into the repository is what the program would generate now; CHAOSDRILL_UPDATE=1 writes it anew.</summary>
public sealed partial class GeneratedFilesTests
{
    [Fact]
    public void Schema_InRepository_IsCurrent() =>
        IsCurrent(ScenarioSchema.Generate(Vocabulary.Full, XmlDocs.Of(Vocabulary.Full)), "scenarios", "scenario.schema.json");

    [Fact]
    public void ScenarioReference_InRepository_IsCurrent()
    {
        var pages = ScenarioReference.Pages(Vocabulary.Full, XmlDocs.Of(Vocabulary.Full));
        Assert.All(pages, page => IsCurrent(page.Value, ["docs", "reference", .. page.Key.Split('/')]));
        Assert.Equal(
            pages.Keys.Where(p => p.StartsWith("faults/", StringComparison.Ordinal)).Select(Path.GetFileName).Order(StringComparer.Ordinal),
            Directory.GetFiles(Repository.Path("docs", "reference", "faults")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Links_OfTheReference_LeadSomewhere() => Assert.All(
        Directory.GetFiles(Repository.Path("docs"), "*.md", SearchOption.AllDirectories),
        page => Assert.All(Link().Matches(File.ReadAllText(page)).Select(m => m.Groups[1].Value).Where(l => !l.Contains("://", StringComparison.Ordinal)), link =>
        {
            var (file, anchor) = link.Split('#', 2) is [var path, var heading] ? (path, heading) : (link, null);
            var target = file.Length == 0 ? page : Path.Combine(Path.GetDirectoryName(page)!, file);
            Assert.True(File.Exists(target) || Directory.Exists(target), $"{page}: {link}");
            Assert.True(anchor is null || Headings(target).Contains(anchor), $"{page}: {link}");
        }));

    private static IEnumerable<string> Headings(string page) => File.ReadLines(page).Where(l => l.StartsWith('#'))
        .Select(l => new string([.. l.TrimStart('#').Trim().ToLowerInvariant().Replace(' ', '-').Where(c => char.IsLetterOrDigit(c) || c is '-' or '_')]));

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [Fact]
    public void CommandReference_InRepository_IsCurrent() =>
        IsCurrent(CommandReference.Markdown(), "docs", "reference", "commands.md");

    [Fact]
    public void ExitCodes_InTheReadme_AreAllAndMeanTheSame() => Assert.Equal(
        ExitCodes.Listed.Select(c => $"| {(int)c} | {ExitCodes.Meaning(c)} |"),
        File.ReadLines(Repository.Path("README.md")).SkipWhile(l => l != "## Exit codes").Skip(4).TakeWhile(l => l.StartsWith('|')));

    [Fact]
    public void DrillSchema_InRepository_IsCurrent() => IsCurrent(DrillSchema.Generate(), "docs", "reference", "drill.schema.json");

    private static void IsCurrent(string generated, params string[] path)
    {
        var file = Repository.Path(path);
        if (Environment.GetEnvironmentVariable("CHAOSDRILL_UPDATE") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, generated);
        }

        Assert.True(File.Exists(file), $"{string.Join('/', path)} is missing; write it with CHAOSDRILL_UPDATE=1 tests/run ChaosDrill.Tests");
        Assert.Equal(generated, File.ReadAllText(file));
    }
}
