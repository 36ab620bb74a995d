using ChaosDrill.Actions.Clusters;
using ChaosDrill.Actions.Etcd;
using ChaosDrill.Actions.Faults.EtcdKill;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Twin;
using Xunit;

namespace ChaosDrill.Actions.Tests.Etcd;

public sealed class EtcdKillTests
{
    [RealEtcdFact]
    public async Task LeaderKill_OfThreeMembers_IsProved_TimesTheNewLeader_AndIsPutBack()
    {
        await using var etcd = await TwinEtcd.StartAsync(3, TimeProvider.System, SourceEtcd.Stop);
        await using var twin = new TwinCluster(new TwinOptions { Nodes = 1 });
        twin.Start();
        await using var client = new KubernetesClient(new Uri("https://twin"), twin.CreateHandler(), TimeProvider.System);
        var cluster = new KubernetesCluster(client, "twin", isTwin: true, null, etcd);
        var fault = cluster.FaultFor(new EtcdLeaderKill(), "default")!;
        var report = new SeenHarm(undo => cluster.UndoAsync(undo, SourceEtcd.Stop));

        var plan = await fault.PlanAsync(new Random(1), SourceEtcd.Stop);
        Assert.Empty(plan.Refusals);
        await fault.InjectAsync(plan, report, SourceEtcd.Stop);

        Assert.Equal(plan.Targets, report.Effects);
        Assert.True(Assert.Single(report.Checks).Held);
        Assert.InRange(report.Figures["time to new leader"], 0, 30);

        // With one of three down, another kill would take etcd's majority.
        var next = await fault.PlanAsync(new Random(1), SourceEtcd.Stop);
        Assert.Contains("etcd needs 2 to take writes", Assert.Single(next.Refusals).Message, StringComparison.Ordinal);
        Assert.NotEqual(plan.Targets[0].Name, next.Targets[0].Name);

        // A sweep from elsewhere finds the mark, and knows no more than that.
        var mark = Assert.Single(await cluster.FindLeftoversAsync(SourceEtcd.Stop));
        Assert.Equal(("etcdMember", true), (mark.Kind, mark.Payload.Contains("\"start\":null", StringComparison.Ordinal)));
        await using var elsewhere = new KubernetesCluster(client, "other", isTwin: false);
        var stranger = mark with { Payload = mark.Payload.Replace("\"twin\":true", "\"twin\":false", StringComparison.Ordinal) };
        Assert.Contains("run there: chaosdrill undo", (await Assert.ThrowsAsync<UndoRefusedException>(() => elsewhere.UndoAsync(stranger, SourceEtcd.Stop))).Message, StringComparison.Ordinal);

        await report.UndoAsync(Assert.Single(report.Undos));
        Assert.Empty(await cluster.FindLeftoversAsync(SourceEtcd.Stop));
        Assert.Empty((await fault.PlanAsync(new Random(1), SourceEtcd.Stop)).Refusals);
    }

    [RealEtcdFact]
    public async Task Kill_OfTheOnlyMember_OrOfAStranger_OrWithoutCommands_IsRefused()
    {
        await using var etcd = await TwinEtcd.StartAsync(1, TimeProvider.System, SourceEtcd.Stop);
        await using var client = new KubernetesClient(new Uri("https://nowhere.invalid"), new HttpClientHandler(), TimeProvider.System);
        var twin = new KubernetesCluster(client, "twin", isTwin: true, null, etcd);
        var other = new KubernetesCluster(client, "other", isTwin: false);

        Assert.Contains("survives no loss", await MendAsync(twin, new EtcdLeaderKill()), StringComparison.Ordinal);
        Assert.Equal("correct member:", await MendAsync(twin, new EtcdMemberKill { Member = "m9" }));
        Assert.Contains("stopCommand", await MendAsync(other, new EtcdLeaderKill { Endpoints = etcd.Endpoints }), StringComparison.Ordinal);
        Assert.Contains("managed clusters", await MendAsync(other, new EtcdLeaderKill()), StringComparison.Ordinal);
        Assert.Contains("start etcd", await MendAsync(other, new EtcdLeaderKill { Endpoints = ["http://127.0.0.1:1"], StopCommand = ["true"], StartCommand = ["true"] }), StringComparison.Ordinal);

        static async Task<string> MendAsync(KubernetesCluster cluster, EtcdKill kill) =>
            Assert.Single((await cluster.FaultFor(kill, "shop")!.PlanAsync(new Random(1), SourceEtcd.Stop)).Refusals).Mend;
    }
}
