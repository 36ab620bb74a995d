using ChaosDrill.Engine.Scenarios;
using ChaosDrill.Model.Scenarios;
using Xunit;

namespace ChaosDrill.Engine.Tests.Scenarios;

public sealed class VocabularyTests
{
    private sealed record NoWayToBuild(int Value) : StepAction;

    private sealed record Unreadable : StepAction
    {
        public double Value { get; init; }
    }

    [Fact]
    public void With_KindOfAnotherFamily_IsRefused() =>
        Assert.Throws<ArgumentException>(() => ScenarioVocabulary.BuiltIn.With(steps: new Dictionary<string, Type> { ["http"] = typeof(HttpProbe) }));

    [Fact]
    public void With_NameThatIsTaken_IsRefused() =>
        Assert.Throws<ArgumentException>(() => ScenarioVocabulary.BuiltIn.With(steps: new Dictionary<string, Type> { ["wait"] = typeof(PodKill) }));

    [Theory]
    [InlineData(typeof(NoWayToBuild))]
    [InlineData(typeof(Unreadable))]
    public void Read_KindThatCannotBeRead_IsADefectAndSaysWhich(Type kind)
    {
        var reader = new ScenarioReader(ScenarioVocabulary.BuiltIn.With(steps: new Dictionary<string, Type> { ["odd"] = kind }));
        var error = Assert.Throws<InvalidOperationException>(() => reader.Read(Kinds.With("podKill: { selector: app=storefront, mode: one, gracePeriod: 0s }", "odd: { value: 1 }"), "x"));
        Assert.Contains(kind.Name, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_WithoutAnyProbeKind_SaysThatThereIsNone()
    {
        var error = Assert.Throws<ScenarioException>(() => new ScenarioReader(ScenarioVocabulary.BuiltIn).Read(Kinds.With("      service: { name: storefront, port: 80, path: /healthz }   # through the API server's service proxy\n", ""), "x"));
        Assert.Contains(error.Errors, e => e.Code == ScenarioErrorCodes.NoKind && e.Mend == "there is no kind to choose from");
    }

    [Fact]
    public void Reader_ManyThreads_ReadTheSame() =>
        Parallel.For(0, 64, _ => Assert.Equal(2, new ScenarioReader(Kinds.Vocabulary).Read(Kinds.Storefront, "x").Spec.Steps.Count));
}
