using ChaosDrill.Engine.Planning;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Scenarios;
using Xunit;

namespace ChaosDrill.Engine.Tests.Planning;

/// <summary>A scenario made for one cluster refuses every other.</summary>
public sealed class ClusterGuardTests
{
    private static readonly ClusterIdentity Production = new("production", "https://10.0.0.1:6443/", "v1.36.2", IsTwin: false);

    [Fact]
    public void Context_OfTheScenario_RefusesAnother() =>
        Assert.Equal("the scenario is made for staging and refuses production", Assert.Single(Broken(new ClusterSpec { Namespace = "shop", Context = "staging" }, null)).Message);

    [Fact]
    public void Contexts_OfTheGuard_GoBeforeTheScenariosOwn() =>
        Assert.Empty(Broken(new ClusterSpec { Namespace = "shop", Context = "staging" }, new ClusterGuard { Contexts = ["staging", "production"] }));

    [Theory]
    [InlineData("https://10.0.0.1:6443", true)]
    [InlineData("https://10.0.0.2:6443", false)]
    public void Server_OfTheGuard_MustBeTheClusters(string server, bool holds) =>
        Assert.Equal(holds, !Broken(new ClusterSpec { Namespace = "shop" }, new ClusterGuard { Server = server }).Any());

    [Fact]
    public void Twin_IsNeitherStagingNorProduction() => Assert.DoesNotContain(
        Guards.OnDrill(
            Spec(new ClusterSpec { Namespace = "shop", Context = "staging" }, new ClusterGuard { Server = "https://x" }), Production with { Name = "twin", IsTwin = true }, default),
        g => !g.Holds);

    [Theory]
    [InlineData("uid-1", true)]
    [InlineData("uid-2", false)]
    [InlineData(null, false)]
    public void Uid_OfTheGuard_MustBeTheClusters(string? uid, bool holds) =>
        Assert.Equal(holds, Guards.OnClusterUid(new GuardsSpec { Cluster = new ClusterGuard { Uid = "uid-1" } }, uid).Holds);

    [Theory]
    [InlineData("kube-system", true)]
    [InlineData("kube-public", true)]
    [InlineData("kube-node-lease", true)]
    [InlineData("openshift-etcd", true)]
    [InlineData("istio-system", true)]
    [InlineData("shop", false)]
    [InlineData("systems", false)]
    public void Namespace_OfTheSystem_IsProtectedUnlessNamed(string ns, bool isProtected)
    {
        Assert.Equal(isProtected, Broken(new ClusterSpec { Namespace = ns }, null).Any());
        Assert.DoesNotContain(
            Guards.OnDrill(Spec(new ClusterSpec { Namespace = ns }, null) with { Guards = new GuardsSpec { Namespaces = [ns] } }, Production, default), g => !g.Holds);
    }

    private static IEnumerable<GuardCheck> Broken(ClusterSpec cluster, ClusterGuard? guard) => Guards.OnDrill(Spec(cluster, guard), Production, default).Where(g => !g.Holds);

    private static ScenarioSpec Spec(ClusterSpec cluster, ClusterGuard? guard) =>
        new() { Cluster = cluster, Guards = new GuardsSpec { Cluster = guard }, Steps = [], Objectives = [] };
}
