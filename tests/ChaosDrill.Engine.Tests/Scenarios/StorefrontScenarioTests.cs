using System.Security.Cryptography;
using System.Text;
using ChaosDrill.Model;
using ChaosDrill.Model.Scenarios;
using Xunit;

namespace ChaosDrill.Engine.Tests.Scenarios;

public sealed class StorefrontScenarioTests
{
    private readonly Scenario scenario = Kinds.Read(Kinds.Storefront);

    [Fact]
    public void Read_ScenarioOfTheDesign_HasEveryValue()
    {
        var spec = scenario.Spec;
        Assert.Equal(("chaosdrill.dev/v1", "Scenario", "storefront-pod-kill"), (scenario.ApiVersion, scenario.Kind, scenario.Metadata.Name));
        Assert.Equal(new Dictionary<string, string> { ["team"] = "shop", ["disaster"] = "application-failure" }, scenario.Metadata.Labels);
        Assert.Equal("One storefront pod dies. Shoppers must not notice.", spec.Description);
        Assert.Equal(new ClusterSpec { Namespace = "shop" }, spec.Cluster);
        Assert.Equal((3, "twin/shop.yaml"), (spec.Twin!.Nodes, Assert.Single(spec.Twin.Manifests)));
        Assert.Equal(new ScheduleSpec { Cron = "0 3 * * *", TimeZone = "Europe/Berlin", Missed = MissedRun.Skip }, spec.Schedule);
        Assert.Equal((new Amount(null, new Ratio(0.34)), TimeSpan.FromMinutes(10)), (spec.Guards.MaxAffected, spec.Guards.MaxDuration));
        Assert.Equal(new AbortCondition { Probe = "storefront", FailingFor = TimeSpan.FromSeconds(20) }, Assert.Single(spec.Guards.AbortWhen));
        Assert.Equal((3, null), (spec.Repeat, spec.Seed));
    }

    [Fact]
    public void Read_ScenarioOfTheDesign_HasProbesStepsAndObjectivesWithTheirPlaces()
    {
        var spec = scenario.Spec;
        Assert.Equal(
            new Probe
            {
                Name = "storefront",
                Target = new ServiceProbe { Name = "storefront", Port = "80", Path = "/healthz" },
                Every = TimeSpan.FromMilliseconds(100),
                Timeout = TimeSpan.FromSeconds(1),
                Source = new SourcePosition("drill.yaml", 18, 7),
            },
            Assert.Single(spec.Probes));
        Assert.Equal(
            new Step
            {
                Name = "Kill one pod",
                Action = new PodKill { Kind = "podKill", Selector = "app=storefront", Mode = KillMode.One, GracePeriod = TimeSpan.Zero },
                Source = new SourcePosition("drill.yaml", 26, 7),
            },
            spec.Steps[0]);
        var wait = Assert.IsType<AwaitRecovery>(spec.Steps[1].Action);
        Assert.Equal(("awaitRecovery", "deployment/storefront"), (wait.Kind, Assert.Single(wait.Of).ToString()));
        Assert.Equal((TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(3)), (wait.StableFor, wait.Timeout));
        Assert.Equal(["deployment/storefront", "probe/storefront"], spec.SteadyState.Select(s => s.Subject.ToString()));
        Assert.Equal(
            ["recoveryTime deployment/storefront at most 30s", "availability probe/storefront at least 99.5%", "longestOutage probe/storefront at most 2s"],
            spec.Objectives.Select(o => $"{o.Goal.Metric} {o.Goal.Subject} {o.Goal.Limit}"));
        Assert.Equal(31, spec.Objectives[1].Source!.Line);
    }

    [Fact]
    public void Read_AnyScenario_KeepsTextAndDigestOfItsFile()
    {
        Assert.Equal(("drill.yaml", Kinds.Storefront), (scenario.Origin.File, scenario.Origin.Text));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Kinds.Storefront))), scenario.Origin.Digest);
    }
}
