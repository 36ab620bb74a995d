using ChaosDrill.Actions;
using ChaosDrill.Actions.Clusters;
using ChaosDrill.Actions.Etcd;
using ChaosDrill.Engine.Drills;
using ChaosDrill.Engine.Planning;
using ChaosDrill.Engine.Scenarios;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Twin;
using ChaosDrill.Views;
using Xunit;

namespace ChaosDrill.Acceptance.Virtual;

/// <summary>What <c>chaosdrill rbac</c> prints is enough, and none of it is too much.</summary>
public sealed class RbacTests
{
    private const string Account = "system:serviceaccount:shop:drills";

    /// <summary>Rights that an undisturbed drill has no use for, and when it has.</summary>
    private static readonly Dictionary<(string File, string Right), string> InReserve = new()
    {
        [("crash-loop.yaml", "patch replicasets.apps in namespace shop")] =
            "as for rollout-failure.yaml",
        [("rollout-failure.yaml", "patch replicasets.apps in namespace shop")] =
            "somebody rolls out something else meanwhile: the undo then finds the drill's mark on a replica set that is not the drill's",
        [("etcd-disaster.yaml", "delete configmaps \"chaosdrill-stopped-etcd\" in namespace shop")] =
            "the mark is lost with etcd, and removed only when the old data came back",
    };

    /// <summary>Scenarios whose rights are not exact yet, and why.</summary>
    private static readonly Dictionary<string, string> Inexact = new()
    {
        ["velero-namespace-loss.yaml"] = "its role is lost with the namespace, and the rights to compare what is restored there with it",
    };

    /// <summary>Scenarios that pass under exactly their role, and ask for rights that an undisturbed drill does not use; why.</summary>
    private static readonly Dictionary<string, string> Generous = new()
    {
        ["velero-restore-verify.yaml"] = "which rights of Velero's own kinds are needed when it fails or hangs is still to be told apart",
    };

    public static TheoryData<string> Exact =>
        [.. Directory.GetFiles(ShippedDrill.Folder, "*.yaml").Select(f => Path.GetFileName(f)).Where(f => !IsOfEtcd(f) && !Inexact.ContainsKey(f)).Order(StringComparer.Ordinal)];

    public static TheoryData<string> Scenarios => ShippedDrill.All;

    public static TheoryData<string> OfEtcd => [.. Directory.GetFiles(ShippedDrill.Folder, "*.yaml").Select(f => Path.GetFileName(f)).Where(IsOfEtcd).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Exact))]
    public void Drill_UnderExactlyItsRole_PassesAndUsesAllOfIt(string file) => Go(file, (scenario, twin, clock) => PassesAndUsesAllAsync(file, scenario, twin, clock));

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void Drill_WithAnyOneRightMissing_IsRefusedAndTouchesNothing(string file) => Go(file, (scenario, twin, clock) => RefusesWithAnyRightMissingAsync(scenario, twin, clock));

    private static async Task PassesAndUsesAllAsync(string file, Scenario scenario, TwinCluster twin, TimeProvider clock, TwinEtcd? etcd = null)
    {
        var needs = await NeedsAsync(scenario, twin, clock, etcd);
        Grant(twin, needs);
        var (judgement, requests) = await DrillAsync(scenario, twin, clock, etcd);

        Assert.True(judgement.Outcome == DrillOutcome.Pass, judgement.Reason);
        Assert.True(judgement.UndoComplete);
        Assert.DoesNotContain(requests, r => r is { Status: 403, DryRun: false });
        Assert.Empty(needs.Where(n => !requests.Any(r => Uses(r, n)) && !InReserve.ContainsKey((file, n.ToString())) && !Generous.ContainsKey(file)).Select(n => n.ToString()));
    }

    private static async Task RefusesWithAnyRightMissingAsync(Scenario scenario, TwinCluster twin, TimeProvider clock, TwinEtcd? etcd = null)
    {
        var needs = await NeedsAsync(scenario, twin, clock, etcd);
        await using var admin = new KubernetesClient(new Uri("https://twin"), twin.CreateHandler(), clock);
        foreach (var missing in needs)
        {
            Grant(twin, [.. needs.Where(n => n != missing)]);
            var before = await ClusterPicture.TakeAsync(admin);
            var (judgement, requests) = await DrillAsync(scenario, twin, clock, etcd);

            Assert.True(judgement.Outcome == DrillOutcome.Refused, $"without {missing}: {judgement.Outcome}");
            Assert.StartsWith($"not allowed to {missing}", judgement.Reason, StringComparison.Ordinal);
            Assert.DoesNotContain(requests, r => r.Changes);
            Assert.Equal(before, await ClusterPicture.TakeAsync(admin));
        }
    }

    /// <summary>Its programs are real and keep their own time: so does this drill.</summary>
    [Theory]
    [MemberData(nameof(OfEtcd))]
    [Trait("needs", "etcd")]
    public async Task EtcdDrill_NeedsItsRole_AndAllOfIt(string file)
    {
        Assert.SkipUnless(ProgramPath.Find("etcd") is not null && ProgramPath.Find("etcdctl") is not null, "needs etcd: apt-get install etcd-server etcd-client");
        var stop = TestContext.Current.CancellationToken;
        var scenario = new ScenarioReader(ScenarioVocabulary.BuiltIn.With(ActionVocabulary.Steps, ActionVocabulary.Probes)).ReadFile(Path.Combine(ShippedDrill.Folder, file));
        await using var etcd = await TwinEtcd.StartAsync(scenario.Spec.Twin!.Etcd, TimeProvider.System, stop);
        await using var twin = new TwinCluster(new TwinOptions { EtcdEndpoints = etcd.Endpoints, Clock = TimeProvider.System });
        twin.Start();
        foreach (var manifest in scenario.Spec.Twin!.Manifests)
        {
            twin.Apply(await File.ReadAllTextAsync(Path.Combine(ShippedDrill.Folder, manifest), stop));
        }

        await twin.WaitUntilSettledAsync(TimeSpan.FromMinutes(1));
        await RefusesWithAnyRightMissingAsync(scenario, twin, TimeProvider.System, etcd);
        await PassesAndUsesAllAsync(file, scenario, twin, TimeProvider.System, etcd);
    }

    /// <summary>Drills of a real etcd, which keeps its own time.</summary>
    private static bool IsOfEtcd(string file) => file.StartsWith("etcd-", StringComparison.Ordinal);

    private static bool Uses(LoggedRequest request, AccessNeed need) =>
        ((request.Verb, request.Group, request.Resource) == (need.Verb, need.Group, need.Resource)
            || (request.Resource, need.Resource, need.Verb) == ("pods/exec", "pods/exec", "create")) // an exec is a GET that takes both
        && (need.Namespace is null || request.Namespace == need.Namespace)
        && (need.Name is null || request.Name == need.Name);

    private static void Go(string file, Func<Scenario, TwinCluster, VirtualClock, Task> test)
    {
        VirtualClock.Run(async clock =>
        {
            var (scenario, twin) = await ShippedDrill.FurnishAsync(file, clock);
            await using var end = twin;
            await test(scenario, twin, clock);
            Assert.Equal(0, clock.ForeignPosts);
            return true;
        });
    }

    private static async Task<IReadOnlyList<AccessNeed>> NeedsAsync(Scenario scenario, TwinCluster twin, TimeProvider clock, TwinEtcd? etcd)
    {
        await using var cluster = Cluster(twin.CreateHandler(), clock, etcd);
        return await Planner.NeedsAsync(scenario, cluster, CancellationToken.None);
    }

    private static void Grant(TwinCluster twin, IReadOnlyList<AccessNeed> needs) =>
        twin.Apply(RoleManifest.Of("drills", ["the test"], needs, [new RoleSubject("ServiceAccount", "drills", "shop")]));

    private static async Task<(Judgement, IReadOnlyList<LoggedRequest>)> DrillAsync(Scenario scenario, TwinCluster twin, TimeProvider clock, TwinEtcd? etcd)
    {
        var log = new RequestLog(twin.CreateHandler(Account));
        await using var cluster = Cluster(log, clock, etcd);
        var plan = await Planner.PlanAsync(scenario, cluster, 7, CancellationToken.None);
        var header = DrillHeaders.For(scenario, plan, "drill-1", clock.GetUtcNow(), "test", probe => cluster.ProbeFor(probe, scenario).Summary);
        using var abort = new AbortSwitch();
        var (_, judgement) = await new DrillRun(scenario, header, cluster, new MortalJournal(), clock, abort).RunAsync();
        return (judgement, log.Requests);
    }

    private static KubernetesCluster Cluster(HttpMessageHandler handler, TimeProvider clock, TwinEtcd? etcd) =>
        new(new KubernetesClient(new Uri("https://twin"), handler, clock), "twin", isTwin: true, person: null, etcd);
}
