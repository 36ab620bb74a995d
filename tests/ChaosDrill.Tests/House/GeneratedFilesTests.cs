using ChaosDrill.Commands;
using ChaosDrill.Engine.Scenarios;
using ChaosDrill.Hosting;
using ChaosDrill.Reports;

namespace ChaosDrill.Tests.House;

/// <summary>What is generated into the repository is what the program would generate now; CHAOSDRILL_UPDATE=1 writes it anew.</summary>
public sealed class GeneratedFilesTests
{
    [Fact]
    public void Schema_InRepository_IsCurrent() =>
        IsCurrent(ScenarioSchema.Generate(Vocabulary.Full, XmlDocs.Of(Vocabulary.Full)), "scenarios", "scenario.schema.json");

    [Fact]
    public void ScenarioReference_InRepository_IsCurrent() =>
        IsCurrent(ScenarioReference.Markdown(Vocabulary.Full, XmlDocs.Of(Vocabulary.Full)), "docs", "reference", "scenario.md");

    [Fact]
    public void CommandReference_InRepository_IsCurrent() =>
        IsCurrent(CommandReference.Markdown(), "docs", "reference", "commands.md");

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
