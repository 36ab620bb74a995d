using ChaosDrill.Actions.Clusters;
using ChaosDrill.Engine.Drills;
using ChaosDrill.Engine.Planning;
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
        [("rollout-failure.yaml", "patch replicasets.apps in namespace shop")] =
            "somebody rolls out something else meanwhile: the undo then finds the drill's mark on a replica set that is not the drill's",
    };

    /// <summary>Scenarios whose rights are not exact yet, and why.</summary>
    private static readonly Dictionary<string, string> Inexact = new()
    {
        ["etcd-restore-verify.yaml"] = "its programs are real and keep their own time, which this test's clock does not",
        ["etcd-leader-loss.yaml"] = "its programs are real and keep their own time, which this test's clock does not",
        ["etcd-disaster.yaml"] = "its programs are real and keep their own time, which this test's clock does not",
        ["velero-namespace-loss.yaml"] = "what the comparison lists depends on what the backup holds; its rights are still to be taken from there",
        ["velero-restore-verify.yaml"] = "what the comparison lists depends on what the backup holds; its rights are still to be taken from there",
    };

    public static TheoryData<string> Exact =>
        [.. Directory.GetFiles(ShippedDrill.Folder, "*.yaml").Select(f => Path.GetFileName(f)).Where(f => !Inexact.ContainsKey(f)).Order(StringComparer.Ordinal)];

    public static TheoryData<string> Scenarios => ShippedDrill.All;

    [Theory]
    [MemberData(nameof(Exact))]
    public void Drill_UnderExactlyItsRole_PassesAndUsesAllOfIt(string file) => Go(file, async (scenario, twin, clock) =>
    {
        var needs = await NeedsAsync(scenario, twin, clock);
        Grant(twin, needs);
        var (judgement, requests) = await DrillAsync(scenario, twin, clock);

        Assert.True(judgement.Outcome == DrillOutcome.Pass, judgement.Reason);
        Assert.True(judgement.UndoComplete);
        Assert.DoesNotContain(requests, r => r is { Status: 403, DryRun: false });
        Assert.DoesNotContain(needs, n => !requests.Any(r => Uses(r, n)) && !InReserve.ContainsKey((file, n.ToString())));
    });

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void Drill_WithAnyOneRightMissing_IsRefusedAndTouchesNothing(string file) => Go(file, async (scenario, twin, clock) =>
    {
        var needs = await NeedsAsync(scenario, twin, clock);
        await using var admin = new KubernetesClient(new Uri("https://twin"), twin.CreateHandler(), clock);
        foreach (var missing in needs)
        {
            Grant(twin, [.. needs.Where(n => n != missing)]);
            var before = await ClusterPicture.TakeAsync(admin);
            var (judgement, requests) = await DrillAsync(scenario, twin, clock);

            Assert.True(judgement.Outcome == DrillOutcome.Refused, $"without {missing}: {judgement.Outcome}");
            Assert.StartsWith($"not allowed to {missing}", judgement.Reason, StringComparison.Ordinal);
            Assert.DoesNotContain(requests, r => r.Changes);
            Assert.Equal(before, await ClusterPicture.TakeAsync(admin));
        }
    });

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

    private static async Task<IReadOnlyList<AccessNeed>> NeedsAsync(Scenario scenario, TwinCluster twin, VirtualClock clock)
    {
        await using var cluster = Cluster(twin.CreateHandler(), clock);
        return await Planner.NeedsAsync(scenario, cluster, CancellationToken.None);
    }

    private static void Grant(TwinCluster twin, IReadOnlyList<AccessNeed> needs) =>
        twin.Apply(RoleManifest.Of("drills", ["the test"], needs, [new RoleSubject("ServiceAccount", "drills", "shop")]));

    private static async Task<(Judgement, IReadOnlyList<LoggedRequest>)> DrillAsync(Scenario scenario, TwinCluster twin, VirtualClock clock)
    {
        var log = new RequestLog(twin.CreateHandler(Account));
        await using var cluster = Cluster(log, clock);
        var plan = await Planner.PlanAsync(scenario, cluster, 7, CancellationToken.None);
        var header = DrillHeaders.For(scenario, plan, "drill-1", clock.GetUtcNow(), "test", probe => cluster.ProbeFor(probe, scenario).Summary);
        using var abort = new AbortSwitch();
        var (_, judgement) = await new DrillRun(scenario, header, cluster, new MortalJournal(), clock, abort).RunAsync();
        return (judgement, log.Requests);
    }

    private static KubernetesCluster Cluster(HttpMessageHandler handler, VirtualClock clock) =>
        new(new KubernetesClient(new Uri("https://twin"), handler, clock), "twin", isTwin: true);
}
