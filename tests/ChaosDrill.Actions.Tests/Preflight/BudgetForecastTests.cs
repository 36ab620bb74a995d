using ChaosDrill.Actions.Preflight;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Plans;
using Xunit;

namespace ChaosDrill.Actions.Tests.Preflight;

/// <summary>What a budget says to all pods of a fault together.</summary>
public sealed class BudgetForecastTests
{
    [Theory]
    [InlineData(3, 1, 3, 2, Outlook.Warning, "lets 1 of 2 go at once; the others follow as replacements get ready")] // each alone passes
    [InlineData(3, 2, 3, 1, Outlook.Fine, "lets all 2 go at once (2 allowed)")]
    [InlineData(3, 0, 3, 3, Outlook.Impossible, "demands 3 of 3 pods and so never lets one go")]
    [InlineData(2, 0, 3, 2, Outlook.Warning, "lets none go now: 2 pods are healthy and 2 are demanded; the fault waits for more, up to its timeout")]
    public void Budget_Asked_SpeaksOfAllPodsTogether(int healthy, int allowed, int expected, int desired, Outlook outlook, string message)
    {
        var forecast = Assert.Single(BudgetForecast.Of([Pod("a"), Pod("b")], [Budget("web", healthy, allowed, expected, desired)], asked: true));

        Assert.Equal((outlook, $"budget shop/web {message}"), (forecast.Outlook, forecast.Message));
    }

    [Theory]
    [InlineData(2, Outlook.Warning, "goes past budget shop/web: it leaves 1 healthy pods of the 2 that are demanded")]
    [InlineData(1, Outlook.Fine, "stays within budget shop/web: it leaves 1 healthy pods, 1 are demanded")]
    public void Budget_Passed_SaysWhetherItIsBroken(int desired, Outlook outlook, string message)
    {
        var forecast = Assert.Single(BudgetForecast.Of([Pod("a"), Pod("b")], [Budget("web", 3, 1, 3, desired)], asked: false));

        Assert.Equal((outlook, message), (forecast.Outlook, forecast.Message));
    }

    [Fact]
    public void Budgets_TwoOnOnePod_NeverLetItGo()
    {
        var forecast = Assert.Single(BudgetForecast.Of([Pod("a")], [Budget("web", 3, 3, 3, 0), Budget("all", 3, 3, 3, 0)], asked: true));

        Assert.Equal(Outlook.Impossible, forecast.Outlook);
        Assert.Contains("Pod shop/a has 2 disruption budgets (web, all)", forecast.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Budget_BehindItsSpec_IsUnknown() =>
        Assert.Equal(Outlook.Unknown, Assert.Single(BudgetForecast.Of([Pod("a")], [Budget("web", 3, 1, 3, 2, observed: 1)], asked: true)).Outlook);

    [Theory]
    [InlineData("AlwaysAllow", 0, Outlook.Fine)]
    [InlineData(null, 2, Outlook.Fine)]
    [InlineData(null, 1, Outlook.Warning)]
    public void Budget_OfPodsThatAreNotReady_GoesByItsPolicy(string? policy, int healthy, Outlook outlook)
    {
        var budget = Budget("web", healthy, 0, 3, 2);
        budget = budget with { Spec = budget.Spec with { UnhealthyPodEvictionPolicy = policy } };

        Assert.Equal(outlook, Assert.Single(BudgetForecast.Of([Pod("a") with { IsReady = false }], [budget], asked: true)).Outlook);
    }

    [Fact]
    public void Budget_OfOthers_SaysNothing() => Assert.Empty(BudgetForecast.Of([Pod("a") with { Labels = new Dictionary<string, string>() }], [Budget("web", 0, 0, 0, 1)], asked: true));

    private static Touched Pod(string name) => new(new Target("Pod", "shop", name, name)) { Labels = new Dictionary<string, string> { ["app"] = "web" }, IsReady = true };

    private static PodDisruptionBudget Budget(string name, int healthy, int allowed, int expected, int desired, long observed = 2) => new()
    {
        Metadata = new ObjectMeta { Name = name, Namespace = "shop", Generation = 2 },
        Spec = new PodDisruptionBudgetSpec { Selector = new LabelSelector { MatchLabels = new Dictionary<string, string> { ["app"] = "web" } } },
        Status = new PodDisruptionBudgetStatus { ObservedGeneration = observed, CurrentHealthy = healthy, DisruptionsAllowed = allowed, ExpectedPods = expected, DesiredHealthy = desired },
    };
}
