using ChaosDrill.Actions;
using ChaosDrill.Actions.Etcd;
using ChaosDrill.Engine.Drills;
using ChaosDrill.Engine.Planning;
using ChaosDrill.Engine.Scenarios;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Plans;
using ChaosDrill.Twin;
using ChaosDrill.Views;
using Xunit;

namespace ChaosDrill.Acceptance.Virtual;

/// <summary>What <c>chaosdrill rbac</c> prints is enough, and none of it is too much.</summary>
public sealed class RbacTests
{
    private const string User = "drills";

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

    /// <summary>The same of every Velero drill, in either cluster.</summary>
    private static readonly Dictionary<string, string> InVelerosReserve = new()
    {
        ["delete persistentvolumes in the whole cluster"] = "a volume is retained when its claim is gone",
        ["get statefulsets.apps in the whole cluster"] = "the backup holds one, and the drill waits for it",
        ["get daemonsets.apps in the whole cluster"] = "the backup holds one, and the drill waits for it",
    };

    public static TheoryData<string> Exact =>
        [.. Directory.GetFiles(ShippedDrill.Folder, "*.yaml").Select(f => Path.GetFileName(f)).Where(f => !IsOfEtcd(f)).Order(StringComparer.Ordinal)];

    public static TheoryData<string> Scenarios => ShippedDrill.All;

    public static TheoryData<string> OfEtcd => [.. Directory.GetFiles(ShippedDrill.Folder, "*.yaml").Select(f => Path.GetFileName(f)).Where(IsOfEtcd).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Exact))]
    public void Drill_UnderExactlyItsRole_PassesAndUsesAllOfIt(string file) => Go(file, furnished => PassesAndUsesAllAsync(file, furnished));

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void Drill_WithAnyOneRightMissing_IsRefusedAndTouchesNothing(string file) => Go(file, furnished => RefusesWithAnyRightMissingAsync(furnished));

    private static async Task PassesAndUsesAllAsync(string file, Furnished furnished, TwinEtcd? etcd = null)
    {
        var needs = await NeedsAsync(furnished, etcd);
        Grant(furnished, needs);
        var (judgement, requests) = await DrillAsync(furnished, etcd);

        Assert.True(judgement.Outcome == DrillOutcome.Pass, judgement.Reason);
        Assert.True(judgement.UndoComplete);
        var forbidden = string.Join('\n', requests.Where(r => r.Request is { LacksRight: true, DryRun: false }).Select(r => $"{r.Context}: {r.Request}").Distinct());
        Assert.True(forbidden.Length == 0, forbidden);
        Assert.Empty(needs.Where(n => !requests.Any(r => r.Context == n.Context && Uses(r.Request, n)) && !IsInReserve(file, n)).Select(n => n.ToString()));
    }

    private static async Task RefusesWithAnyRightMissingAsync(Furnished furnished, TwinEtcd? etcd = null)
    {
        var needs = await NeedsAsync(furnished, etcd);
        foreach (var missing in needs)
        {
            Grant(furnished, [.. needs.Where(n => n != missing)]);
            var before = await furnished.PictureAsync();
            var (judgement, requests) = await DrillAsync(furnished, etcd);

            Assert.True(judgement.Outcome == DrillOutcome.Refused, $"without {missing}: {judgement.Outcome}");
            Assert.StartsWith($"not allowed to {missing}", judgement.Reason, StringComparison.Ordinal);
            Assert.DoesNotContain(requests, r => r.Request.Changes);
            Assert.Equal(before, await furnished.PictureAsync());
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
        var furnished = new Furnished(scenario, twin, Beside: null);
        await RefusesWithAnyRightMissingAsync(furnished, etcd);
        await PassesAndUsesAllAsync(file, furnished, etcd);
    }

    private static bool IsInReserve(string file, AccessNeed need) =>
        InReserve.ContainsKey((file, need.ToString())) || (file.StartsWith("velero-", StringComparison.Ordinal) && InVelerosReserve.ContainsKey((need with { Context = null }).ToString()));

    /// <summary>Drills of a real etcd, which keeps its own time.</summary>
    private static bool IsOfEtcd(string file) => file.StartsWith("etcd-", StringComparison.Ordinal);

    private static bool Uses(LoggedRequest request, AccessNeed need) =>
        ((request.Verb, request.Group, request.Resource) == (need.Verb, need.Group, need.Resource)
            || (request.Resource, need.Resource, need.Verb) == ("pods/exec", "pods/exec", "create")) // an exec is a GET that takes both
        && (need.Namespace is null || request.Namespace == need.Namespace)
        && (need.Name is null || request.Name == need.Name);

    private static void Go(string file, Func<Furnished, Task> test)
    {
        VirtualClock.Run(async clock =>
        {
            await using var furnished = await ShippedDrill.FurnishAsync(file, clock);
            await test(furnished);
            Assert.Equal(0, clock.ForeignPosts);
            return true;
        });
    }

    private static async Task<IReadOnlyList<AccessNeed>> NeedsAsync(Furnished furnished, TwinEtcd? etcd)
    {
        await using var cluster = furnished.Open((_, handler) => handler, user: null, etcd);
        return await Planner.NeedsAsync(furnished.Scenario, cluster, CancellationToken.None);
    }

    private static void Grant(Furnished furnished, IReadOnlyList<AccessNeed> needs)
    {
        foreach (var cluster in needs.GroupBy(n => n.Context))
        {
            (cluster.Key is null ? furnished.Twin : furnished.Beside!.Twin).Apply(RoleManifest.Of("drills", ["the test"], [.. cluster], [new RoleSubject("User", User)]));
        }
    }

    private static async Task<(Judgement, IReadOnlyList<(string? Context, LoggedRequest Request)>)> DrillAsync(Furnished furnished, TwinEtcd? etcd)
    {
        var logs = new List<(string? Context, RequestLog Log)>();
        await using var cluster = furnished.Open(
            (context, handler) =>
            {
                var log = new RequestLog(handler);
                logs.Add((context, log));
                return log;
            },
            User, etcd);
        var clock = cluster.Clock;
        var plan = await Planner.PlanAsync(furnished.Scenario, cluster, 7, CancellationToken.None);
        var header = DrillHeaders.For(furnished.Scenario, plan, "drill-1", clock.GetUtcNow(), "test", probe => cluster.ProbeFor(probe, furnished.Scenario).Summary);
        using var abort = new AbortSwitch();
        var (_, judgement) = await new DrillRun(furnished.Scenario, header, cluster, new MortalJournal(), clock, abort).RunAsync();
        return (judgement, [.. logs.SelectMany(l => l.Log.Requests.Select(r => (l.Context, r)))]);
    }
}
