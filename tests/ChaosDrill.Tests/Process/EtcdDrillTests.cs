using ChaosDrill.Kubernetes;

namespace ChaosDrill.Tests.Process;

/// <summary>The shipped drills of etcd, with the whole program and etcd's own.</summary>
public sealed class EtcdDrillTests : IDisposable
{
    private readonly Chaosdrill _chaosdrill = new();

    public void Dispose() => _chaosdrill.Dispose();

    [Theory]
    [InlineData("etcd-restore-verify.yaml")]
    [InlineData("etcd-leader-loss.yaml")]
    [InlineData("etcd-disaster.yaml")]
    [Trait("needs", "etcd")]
    public async Task EtcdDrill_OnARealEtcd_Passes(string scenario)
    {
        Assert.SkipUnless(
            ProgramPath.Find("etcd") is not null && ProgramPath.Find("etcdctl") is not null, "needs etcd: apt-get install etcd-server etcd-client");
        var ended = await _chaosdrill.RunAsync("run", Repository.Path("scenarios", scenario));

        Assert.True(ended.Code == 0, ended.Out + ended.Error);
        Assert.Contains("PASS", ended.Out, StringComparison.Ordinal);
        foreach (var command in (string[])["plan", "rbac"])
        {
            var asked = await _chaosdrill.RunAsync(command, Repository.Path("scenarios", scenario));
            Assert.True(asked.Code == 0, asked.Out + asked.Error);
        }
    }
}
