using ChaosDrill.Twin;

namespace ChaosDrill.Tests.Process;

/// <summary>A cluster that does not let the user in, or not far enough: one clear message, the right exit code, and nothing touched.</summary>
public sealed class ClusterAccessTests(ClusterAccessTests.Cluster cluster) : IClassFixture<ClusterAccessTests.Cluster>, IDisposable
{
    private readonly Chaosdrill _chaosdrill = new();

    public void Dispose() => _chaosdrill.Dispose();

    [Theory]
    [InlineData("plan")]
    [InlineData("run")]
    public async Task Verb_Forbidden_IsRefusedWithTheMissingRule(string command)
    {
        await GrantAllBut("""resources: ["pods"], verbs: ["delete", "list", "watch"]""", """resources: ["pods"], verbs: ["list", "watch"]""");
        var before = cluster.Shop;

        var ended = await DrillAsync(command, cluster.Server.KubeconfigFor("anna", []));

        Assert.Equal((3, ""), (ended.Code, ended.Error));
        Assert.Contains("✗ not allowed to delete pods in namespace shop; it is needed to kill pods\n", ended.Out, StringComparison.Ordinal);
        Assert.Contains("""add this rule to a Role in namespace shop: { apiGroups: [""], resources: ["pods"], verbs: ["delete"] }""", ended.Out, StringComparison.Ordinal);
        Assert.Equal(1, ended.Out.Split("✗ not allowed").Length - 1);
        Assert.Equal(before, cluster.Shop);
    }

    [Fact]
    public async Task Verb_ForbiddenForJson_IsARefusalInTheDocument()
    {
        await GrantAllBut("""resources: ["services/proxy"]""", """resources: ["services/none"]""");

        var ended = await DrillAsync("plan", cluster.Server.KubeconfigFor("anna", []), "--output", "json");

        Assert.Equal(3, ended.Code);
        using var plan = System.Text.Json.JsonDocument.Parse(ended.Out);
        var refusal = Assert.Single(plan.RootElement.GetProperty("refusals").EnumerateArray());
        Assert.Equal("access", refusal.GetProperty("kind").GetString());
        Assert.Equal("not allowed to get services/proxy \"storefront:80\" in namespace shop; it is needed to probe the service", refusal.GetProperty("message").GetString());
    }

    [Theory]
    [InlineData("plan")]
    [InlineData("run")]
    public async Task User_WithoutAnyRight_IsToldEachKindOnce(string command)
    {
        var ended = await DrillAsync(command, cluster.Server.KubeconfigFor("nobody", []));

        Assert.Equal((3, ""), (ended.Code, ended.Error));
        Assert.Equal(1, ended.Out.Split("✗ not allowed to list, delete, watch pods in namespace shop;").Length - 1);
    }

    [Fact]
    public async Task Grant_ByTheRoleThatIsPrinted_LetsThePlanThrough()
    {
        await GrantAllBut("", "");

        var ended = await DrillAsync("plan", cluster.Server.KubeconfigFor("anna", []));

        Assert.True(ended.Code == 0, ended.Out + ended.Error);
    }

    [Theory]
    [InlineData("plan")]
    [InlineData("run")]
    public async Task ClientCertificate_Expired_IsRefusedWithItsDate(string command)
    {
        var ended = await DrillAsync(command, cluster.Server.KubeconfigFor("twin-admin", ["system:masters"], TimeSpan.FromMinutes(-30)));

        IsOneError(ended, "does not accept these credentials", "the client certificate (CN=twin-admin, O=system:masters) expired on 20", "log in again");
    }

    [Theory]
    [InlineData("plan")]
    [InlineData("run")]
    public async Task ServerCertificate_Expired_IsRefusedWithItsDate(string command)
    {
        await using var twin = new TwinCluster(new TwinOptions { Nodes = 1, Clock = TimeProvider.System });
        twin.Start();
        await using var server = await twin.ServeAsync(new TwinServerOptions { CertificateLifetime = TimeSpan.FromMinutes(-30) });

        var ended = await DrillAsync(command, server.Kubeconfig);

        IsOneError(ended, "the server's certificate expired on 20", server.Url.GetLeftPart(UriPartial.Authority), "renew it");
    }

    [Theory]
    [InlineData("plan")]
    [InlineData("run")]
    public async Task Authority_OfAnotherCluster_IsRefused(string command)
    {
        await using var other = new TwinCluster(new TwinOptions { Nodes = 1, Clock = TimeProvider.System });
        other.Start();
        await using var server = await other.ServeAsync();
        var ours = Line(server.Kubeconfig, "certificate-authority-data:");

        var ended = await DrillAsync(command, cluster.Server.Kubeconfig.Replace(Line(cluster.Server.Kubeconfig, "certificate-authority-data:"), ours, StringComparison.Ordinal));

        IsOneError(ended, "signed by unknown authority", "it may have been rebuilt");
    }

    [Theory]
    [InlineData("plan")]
    [InlineData("run")]
    public async Task Token_Unknown_IsRefused(string command)
    {
        var kubeconfig = cluster.Server.Kubeconfig;
        kubeconfig = kubeconfig[..kubeconfig.IndexOf("    client-certificate-data:", StringComparison.Ordinal)] + "    token: nonsense\n";

        IsOneError(await DrillAsync(command, kubeconfig), "does not accept these credentials (Unauthorized)", "log in again");
    }

    [Theory]
    [InlineData("plan", "cluster: { namespace: shop }", "cluster: { namespace: shop, context: staging }", "the scenario is made for staging and refuses production")]
    [InlineData("run", "cluster: { namespace: shop }", "cluster: { namespace: shop, context: staging }", "the scenario is made for staging and refuses production")]
    [InlineData("run", "  guards:", "  guards:\n    cluster: { uid: 11111111-2222-3333-4444-555555555555 }", "the scenario is made for the cluster whose kube-system has uid 11111111-2222-3333-4444-555555555555; this one has ")]
    [InlineData("run", "  guards:", "  guards:\n    cluster: { server: \"https://10.0.0.1:6443\" }", "the scenario is made for the API server https://10.0.0.1:6443 and refuses https://127.0.0.1:")]
    public async Task Cluster_ThatTheScenarioIsNotMadeFor_IsRefused(string command, string from, string to, string message)
    {
        var before = cluster.Shop;
        _chaosdrill.Write("kc", cluster.Server.Kubeconfig.Replace("- name: twin\n  context:", "- name: production\n  context:", StringComparison.Ordinal));

        var ended = await _chaosdrill.RunAsync(command, _chaosdrill.Changed(from, to), "--context", "production", "--kubeconfig", "kc");

        Assert.Equal((3, ""), (ended.Code, ended.Error));
        Assert.Contains($"✗ {message}", ended.Out, StringComparison.Ordinal);
        Assert.Equal(before, cluster.Shop);
    }

    private static string Line(string text, string name) => text.Split('\n').Single(l => l.TrimStart().StartsWith(name, StringComparison.Ordinal));

    private async Task GrantAllBut(string granted, string instead)
    {
        var role = await _chaosdrill.RunAsync("rbac", Chaosdrill.Scenario, "--user", "anna", "--name", "anna");
        Assert.Equal((0, ""), (role.Code, role.Error));
        Assert.Contains(granted, role.Out, StringComparison.Ordinal);
        cluster.Twin.Apply(granted.Length == 0 ? role.Out : role.Out.Replace(granted, instead, StringComparison.Ordinal));
    }

    private async Task<Ended> DrillAsync(string command, string kubeconfig, params string[] more)
    {
        _chaosdrill.Write("kc", kubeconfig);
        return await _chaosdrill.RunAsync([command, Chaosdrill.Scenario, "--context", "twin", "--kubeconfig", "kc", .. more]);
    }

    private static void IsOneError(Ended ended, params string[] parts)
    {
        Assert.Equal(3, ended.Code);
        Assert.StartsWith("error: ", ended.Error, StringComparison.Ordinal);
        Assert.Single(ended.Error.TrimEnd().Split('\n'));
        Assert.All(parts, part => Assert.Contains(part, ended.Error, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", ended.Error, StringComparison.Ordinal);
    }

    /// <summary>A cluster with the small shop in it, served over TLS as a real one is.</summary>
    public sealed class Cluster : IAsyncLifetime
    {
        internal TwinCluster Twin { get; } = new(new TwinOptions { Nodes = 3, Clock = TimeProvider.System });

        internal TwinServer Server { get; private set; } = null!;

        /// <summary>Every write to the shop so far, but for roles.</summary>
        internal IReadOnlyList<TwinChange> Shop =>
            [.. Twin.History.Where(c => c.Namespace == "shop" && !c.Resource.Contains("rbac.authorization", StringComparison.Ordinal))];

        public async ValueTask InitializeAsync()
        {
            Twin.Start();
            Twin.Apply(await File.ReadAllTextAsync(Repository.Path("scenarios", "twin", "shop.yaml")));
            await Twin.WaitUntilSettledAsync(TimeSpan.FromMinutes(1));
            Server = await Twin.ServeAsync();
        }

        public async ValueTask DisposeAsync()
        {
            await Server.DisposeAsync();
            await Twin.DisposeAsync();
        }
    }
}
