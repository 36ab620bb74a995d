using System.Text.Json.Nodes;
using ChaosDrill.Actions.Clusters;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Timelines;
using Xunit;

namespace ChaosDrill.Acceptance.Virtual;

/// <summary>Ways back that are gone twice, and those that somebody else's hand has closed.</summary>
public sealed class UndoTests
{
    public static TheoryData<string> Lasting => FaultTests.Lasting;

    [Theory]
    [MemberData(nameof(Lasting))]
    [InlineData("apply: { manifest: '{ kind: ConfigMap, apiVersion: v1, metadata: { name: settings }, data: { CURRENCY: USD } }' }")]
    [InlineData("apply: { manifest: '{ kind: ClusterRole, apiVersion: rbac.authorization.k8s.io/v1, metadata: { name: other }, rules: [] }' }")]
    public void Undo_GoneTwice_ChangesNothingTheSecondTime(string fault)
    {
        IReadOnlyList<string>? before = null, after = null;
        var undos = new List<UndoRecord>();
        new TwinDrill
        {
            Also = TwinDrill.Database,
            Yaml = FaultTests.Scenario(fault),
            Undos = undos,
            Before = async (_, client) => before = await ClusterPicture.TakeAsync(client),
            After = async (_, client) =>
            {
                await using var cluster = new KubernetesCluster(client, "twin", isTwin: true);
                foreach (var undo in Enumerable.Reverse(undos))
                {
                    Assert.NotEqual("", await cluster.UndoAsync(undo, CancellationToken.None));
                }

                await Task.Delay(TimeSpan.FromSeconds(30), client.Clock, CancellationToken.None);
                after = await ClusterPicture.TakeAsync(client);
            },
        }.Run();

        Assert.True(undos.Count > 1);
        Assert.Equal(before, after);
    }

    public static TheoryData<string, string, string, string, string, string> Meddled => new()
    {
        { "nodeTaint: { node: node1, key: example.com/broken, value: 'yes', effect: noSchedule }", "", "v1", "nodes", "node1", """{"spec":{"taints":[{"key":"example.com/broken","value":"no","effect":"NoSchedule"}]}}""" },
        { "rolloutFailure: { deployment: storefront, image: 'shop/storefront:missing' }", "apps", "v1", "deployments", "storefront", """{"spec":{"template":{"spec":{"containers":[{"name":"web","image":"shop/storefront:2"}]}}}}""" },
        { "rolloutFailure: { deployment: storefront, crashing: true }", "apps", "v1", "deployments", "storefront", """{"spec":{"template":{"spec":{"containers":[{"name":"web","command":["sleep"]}]}}}}""" },
        { "quotaSqueeze: {}", "", "v1", "resourcequotas", "chaosdrill-squeeze", """{"spec":{"hard":{"pods":"5"}}}""" },
        { "networkPartition: { from: app=storefront, to: app=database }", "networking.k8s.io", "v1", "networkpolicies", "*", """{"spec":{"ingress":[]}}""" },
        { "apply: { manifest: '{ kind: ConfigMap, apiVersion: v1, metadata: { name: banner }, data: { TEXT: hello } }' }", "", "v1", "configmaps", "banner", """{"data":{"TEXT":"bye"}}""" },
        { "scale: { workload: deployment/storefront, replicas: 1 }", "apps", "v1", "deployments", "storefront", """{"spec":{"replicas":2}}""" },
        { "podFailure: { selector: app=storefront, mode: all }", "", "v1", "pods", "*", """{"spec":{"containers":[{"name":"web","image":"shop/storefront:2"}]}}""" },
    };

    [Theory]
    [MemberData(nameof(Meddled))]
    public void Undo_OfWhatSomebodyElseChanged_LeavesTheirsAndAsksForAPerson(string fault, string group, string version, string plural, string name, string patch)
    {
        var resource = Resources.Any(group, version, plural, "Any", namespaced: plural != "nodes");
        var left = new List<string>();
        var drill = new TwinDrill
        {
            Also = TwinDrill.Database,
            Yaml = FaultTests.Scenario(fault),
            Meanwhile = async (_, clock, client, _) =>
            {
                await Task.Delay(TimeSpan.FromSeconds(15), clock);
                foreach (var meant in await NamesAsync(client))
                {
                    await client.PatchAsync(resource, "shop", meant, Patch.StrategicMerge(JsonNode.Parse(patch)!));
                }
            },
            After = async (_, client) =>
            {
                foreach (var meant in await NamesAsync(client))
                {
                    left.Add((await client.GetAsync(resource, "shop", meant)).GetRawText());
                }
            },
        }.Run();

        Assert.False(drill.Judgement.UndoComplete);
        Assert.Equal(ExitCode.UndoIncomplete, ExitCodes.Of(drill.Judgement));
        Assert.Contains(drill.Record.Timeline, e => e.Event is UndoFinished { Succeeded: false } failed && failed.Detail.Contains("somebody has changed", StringComparison.Ordinal));
        Assert.NotEmpty(left);
        Assert.All(left, l => Assert.DoesNotContain("chaosdrill.dev/undo", l, StringComparison.Ordinal));

        async Task<IReadOnlyList<string>> NamesAsync(KubernetesClient client) => name != "*"
            ? [name]
            : [.. (await client.ListAsync(resource, "shop")).Items.Select(i => i.GetProperty("metadata").GetProperty("name").GetString()!).Where(n => !n.StartsWith("database", StringComparison.Ordinal))];
    }

    [Fact]
    public void Undo_OfAnObjectThatSomebodyCreatedAnew_LeavesTheirs()
    {
        ConfigMap? left = null;
        var drill = new TwinDrill
        {
            Yaml = FaultTests.Scenario("deleteObjects: { objectKind: ConfigMap, names: [settings] }"),
            Meanwhile = async (_, clock, client, _) =>
            {
                await Task.Delay(TimeSpan.FromSeconds(8), clock);
                await client.CreateAsync(
                    Resources.ConfigMaps, "shop",
                    new ConfigMap { Metadata = new ObjectMeta { Name = "settings", Namespace = "shop" }, Data = new Dictionary<string, string> { ["CURRENCY"] = "GBP" } });
            },
            After = async (_, client) => left = await client.GetAsync(Resources.ConfigMaps, "shop", "settings"),
        }.Run();

        Assert.Equal(ExitCode.UndoIncomplete, ExitCodes.Of(drill.Judgement));
        Assert.Equal("GBP", left!.Data["CURRENCY"]);
    }
}
