using ChaosDrill.Hosting;

namespace ChaosDrill.Tests.House;

public sealed class ShippedScenariosTests
{
    public static TheoryData<string> Scenarios => [.. Directory.EnumerateFiles(Repository.Path("scenarios"), "*.yaml").Select(f => Path.GetFileName(f)!).Order()];

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void Scenario_Shipped_IsGoodAndItsManifestsAreThere(string file)
    {
        var scenario = Vocabulary.ReadScenario(Repository.Path("scenarios", file));

        Assert.NotEmpty(OpenedCluster.Manifests(scenario));
        Assert.StartsWith("# yaml-language-server: $schema=scenario.schema.json", scenario.Origin.Text, StringComparison.Ordinal);
    }
}
