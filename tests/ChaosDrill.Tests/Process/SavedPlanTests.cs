using System.Text.Json.Nodes;
using ChaosDrill.Kubernetes;
using ChaosDrill.Twin;

namespace ChaosDrill.Tests.Process;

/// <summary><c>run --plan</c> with the whole program: it starts when the cluster is as planned; otherwise it touches nothing and names each change.</summary>
public sealed class SavedPlanTests : IDisposable
{
    private const string Settings = """
        apiVersion: v1
        kind: ConfigMap
        metadata: { name: settings, namespace: shop }
        data: { CURRENCY: EUR }
        """;

    private const string Budget = """
        apiVersion: policy/v1
        kind: PodDisruptionBudget
        metadata: { name: storefront, namespace: shop }
        spec: { minAvailable: 1, selector: { matchLabels: { app: storefront } } }
        """;

    private readonly Chaosdrill _program = new();

    public void Dispose() => _program.Dispose();

    public static TheoryData<string[], string[]> Changes => new()
    {
        { ["context"], ["the plan is for cluster twin (https://127.0.0.1:"] },
        { ["namespace"], ["namespace shop is not the one that was planned, but made anew: its uid is "] },
        { ["pods gone", "object gone"], ["\"Evict one pod\": no longer targeted: Pod shop/storefront-", "\"Evict one pod\": now targeted, and not planned: Pod shop/storefront-", "\"deleteObjects\": no longer targeted: ConfigMap shop/settings (uid "] },
        {
            ["text", "object replaced", "scaled", "budget"],
            [
                "the scenario's text is not that of the plan: SHA-256 ",
                "\"deleteObjects\": ConfigMap shop/settings is not the one that was planned, but its replacement: its uid is ",
                "\"Evict one pod\": its targets are chosen from 4, planned from 3", "\"Evict one pod\": its guard maxAffected finds 1 of 4 pods, planned 1 of 3 pods",
                "\"Evict one pod\": the outlook is: budget shop/storefront lets ",
            ]
        },
        { ["rights"], ["rights no longer granted: list pods in namespace shop"] },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task Changes_SinceThePlan_AreRefusedByName(string[] changes, string[] messages)
    {
        await using var field = await Field.OpenAsync(_program);
        var scenario = Scenario();
        await SaveAsync(scenario);
        foreach (var change in changes)
        {
            await field.ChangeAsync(change, scenario);
        }

        var ended = await _program.RunAsync([.. (string[])["run", "--plan", "plan.json", "--kubeconfig", "kc"], .. changes.Contains("context") ? (string[])["--context", "other"] : []]);

        Assert.True((3, "") == (ended.Code, ended.Error), ended.Out + ended.Error);
        Assert.All(messages, message => Assert.Contains($"  ✗ {message}", ended.Out, StringComparison.Ordinal));
        Assert.Contains("exit code   3: refused before anything was touched", ended.Out, StringComparison.Ordinal);
        Assert.False(field.IsTouched);
    }

    [Fact]
    public async Task Cluster_AsPlanned_IsDrilledWithThePlansScenarioContextAndSeed()
    {
        await using var field = await Field.OpenAsync(_program);
        var plan = await SaveAsync(Scenario());

        var ended = await _program.RunAsync("run", "--plan", "plan.json", "--kubeconfig", "kc");

        Assert.True(field.IsTouched);
        Assert.True(ended.Code == 0, ended.Out + ended.Error);
        Assert.Contains($"on twin (v1.36.2), namespace shop, seed {plan["seed"]}\n", ended.Out, StringComparison.Ordinal);
        Assert.Contains($"fault took effect on Pod shop/{plan["steps"]![0]!["targets"]![0]!["name"]}: ", ended.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Twin_ThatIsEmbedded_IsAsPlannedUntilItsManifestIsAnother()
    {
        var shop = await File.ReadAllTextAsync(Repository.Path("scenarios", "twin", "shop.yaml"));
        var manifest = _program.Write("shop.yaml", shop);
        var scenario = _program.Changed(Repository.Path("scenarios", "twin", "shop.yaml"), manifest);
        await SaveAsync(scenario, "--seed", "5");

        var first = await _program.RunAsync("run", scenario, "--plan", "plan.json", "--virtual-time");
        _program.Write("shop.yaml", shop.Replace("replicas: 3", "replicas: 4", StringComparison.Ordinal));
        var second = await _program.RunAsync("run", scenario, "--plan", "plan.json", "--virtual-time");

        Assert.True(first.Code == 0, first.Out + first.Error);
        Assert.Equal(3, second.Code);
        Assert.Contains("its targets are chosen from 4, planned from 3", second.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plan_ThatWasRefused_IsNoPermission()
    {
        await SaveAsync(_program.Changed("app=storefront,", "app=storfront,"));

        var ended = await _program.RunAsync("run", "--plan", "plan.json", "--virtual-time");

        Assert.Equal(3, ended.Code);
        Assert.Contains("REFUSED  the plan was refused itself: no running pod in namespace shop matches app=storfront", ended.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plan_OfAnotherSeed_IsBadUsage()
    {
        await SaveAsync(Chaosdrill.Scenario, "--seed", "5");

        var ended = await _program.RunAsync("run", "--plan", "plan.json", "--seed", "6");

        Assert.Equal((64, "error: --seed 6 is not the plan's, which is 5; leave it out, or make a plan with it\n"), (ended.Code, ended.Error));
    }

    /// <summary>Two steps, so that pods and other objects are targets; judged by what a busy machine cannot blur.</summary>
    private string Scenario() => _program.Write("scenario.yaml", """
        apiVersion: chaosdrill.dev/v1
        kind: Scenario
        metadata: { name: planned }
        spec:
          cluster: { namespace: shop }
          guards: { maxAffected: 2 }
          steps:
            - name: Evict one pod
              podEvict: { selector: app=storefront, mode: one }
            - deleteObjects: { objectKind: ConfigMap, names: [settings] }
            - awaitRecovery: { of: [deployment/storefront], stableFor: 1s, timeout: 2m }
          objectives:
            - recoveryTime: { of: deployment/storefront, atMost: 1m }
        """);

    private async Task<JsonNode> SaveAsync(string scenario, params string[] more)
    {
        string[] where = File.Exists(Path.Combine(_program.Folder, "kc")) ? ["--context", "twin", "--kubeconfig", "kc"] : [];
        var planned = await _program.RunAsync(["plan", scenario, "--output", "json", .. where, .. more]);
        Assert.Equal("", planned.Error);
        _program.Write("plan.json", planned.Out);
        return JsonNode.Parse(planned.Out)!;
    }

    /// <summary>A cluster with the small shop in it, and hands that change it.</summary>
    private sealed class Field : IAsyncDisposable
    {
        private readonly TwinCluster _twin = new(new TwinOptions { Nodes = 3, Clock = TimeProvider.System });
        private readonly Chaosdrill _program;
        private TwinServer _server = null!;

        private Field(Chaosdrill program) => _program = program;

        /// <summary>Whether a drill has written anything: its lease comes before all else.</summary>
        public bool IsTouched => _twin.History.Any(c => c is { Namespace: "shop" } && c.Resource.StartsWith("leases", StringComparison.Ordinal));

        public static async Task<Field> OpenAsync(Chaosdrill program)
        {
            var field = new Field(program);
            field._twin.Start();
            field._twin.Apply(await File.ReadAllTextAsync(Repository.Path("scenarios", "twin", "shop.yaml")));
            field._twin.Apply(Settings);
            await field.SettleAsync();
            field._server = await field._twin.ServeAsync();
            program.Write("kc", field._server.Kubeconfig);
            return field;
        }

        public async ValueTask DisposeAsync()
        {
            await _server.DisposeAsync();
            await _twin.DisposeAsync();
        }

        /// <summary>Does what its name says.</summary>
        public async Task ChangeAsync(string change, string scenario)
        {
            await using var client = new KubernetesClient(Kubeconfig.Load(Path.Combine(_program.Folder, "kc")).Select("twin"), TimeProvider.System);
            switch (change)
            {
                case "text":
                    await File.AppendAllTextAsync(scenario, "# approved by nobody\n");
                    break;
                case "context":
                    _program.Write("kc", _server.Kubeconfig.Replace("- name: twin\n  context:", "- name: other\n  context:", StringComparison.Ordinal));
                    break;
                case "namespace":
                    await client.DeleteAsync(Resources.Namespaces, null, "shop");
                    for (var there = true; there; there = await client.FindAsync(Resources.Namespaces, null, "shop") is not null)
                    {
                        await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
                    }

                    _twin.Apply(await File.ReadAllTextAsync(Repository.Path("scenarios", "twin", "shop.yaml")));
                    _twin.Apply(Settings);
                    break;
                case "pods gone":
                    foreach (var pod in (await client.ListAsync(Resources.Pods, "shop", new ListOptions { LabelSelector = "app=storefront" })).Items)
                    {
                        await client.DeleteAsync(Resources.Pods, "shop", pod.Metadata.Name!, new DeleteOptions { GracePeriod = TimeSpan.Zero });
                    }

                    break;
                case "object replaced":
                    await client.DeleteAsync(Resources.ConfigMaps, "shop", "settings");
                    _twin.Apply(Settings);
                    break;
                case "object gone":
                    await client.DeleteAsync(Resources.ConfigMaps, "shop", "settings");
                    break;
                case "scaled":
                    await client.PatchAsync(Resources.Deployments, "shop", "storefront", Patch.Merge(JsonNode.Parse("""{"spec":{"replicas":4}}""")!));
                    break;
                case "budget":
                    _twin.Apply(Budget);
                    break;
                case "rights":
                    _program.Write("kc", _server.KubeconfigFor("nobody", []));
                    break;
            }

            await SettleAsync();
        }

        private Task SettleAsync() => _twin.WaitUntilSettledAsync(TimeSpan.FromMinutes(1));
    }
}
