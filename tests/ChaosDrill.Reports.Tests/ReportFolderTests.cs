using System.Xml.Linq;
using ChaosDrill.Reports.Templates;
using Xunit;

namespace ChaosDrill.Reports.Tests;

public sealed class ReportFolderTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Write_NewFolder_HasTheDocumentsAndNothingElse()
    {
        var (record, judgement) = Gallery.Pass();
        var target = Path.Combine(folder.Path, "reports", "a");

        var written = ReportFolder.Write(target, record, judgement, TemplateFolder.Shipped);

        Assert.Equal(["postmortem.html", "postmortem.md", "budget-1.svg", "phases-1.svg", "recovery-1.svg", "timeline.svg", "drill.json", "junit.xml", "chat.txt"], written.Select(Path.GetFileName));
        Assert.Equal(written.Order(StringComparer.Ordinal), Directory.GetFiles(target).Order(StringComparer.Ordinal));
        Assert.All(written.Where(f => f.EndsWith(".svg", StringComparison.Ordinal)), drawing =>
        {
            Assert.Contains($"]({Path.GetFileName(drawing)})", File.ReadAllText(written[1]), StringComparison.Ordinal);
            Assert.Equal("svg", XDocument.Load(drawing).Root!.Name.LocalName);
        });
    }

    [Fact]
    public void Write_Again_ReplacesTheFiles()
    {
        var (record, judgement) = Gallery.Pass();
        folder.Write("postmortem.md", "old");

        ReportFolder.Write(folder.Path, record, judgement, TemplateFolder.Shipped);

        Assert.StartsWith("# Post-mortem: Pass", File.ReadAllText(Path.Combine(folder.Path, "postmortem.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void Write_WrongTemplate_WritesNothing()
    {
        using var templates = new TempFolder();
        templates.Write("postmortem.md.hbs", "{{#if}}");
        var (record, judgement) = Gallery.Pass();

        Assert.Throws<TemplateException>(() => ReportFolder.Write(folder.Path, record, judgement, TemplateFolder.At(templates.Path)));

        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void Write_PlaceThatIsAFile_SaysSo()
    {
        var file = folder.Write("taken", "x");
        var (record, judgement) = Gallery.Pass();

        var failure = Assert.Throws<ReportException>(() => ReportFolder.Write(file, record, judgement, TemplateFolder.Shipped));

        Assert.StartsWith($"Cannot write the report to {file}: ", failure.Message, StringComparison.Ordinal);
        Assert.EndsWith("Choose a folder that can be written to; the drill itself is stored.", failure.Message, StringComparison.Ordinal);
    }
}
