using ChaosDrill.Actions.Etcd.Local;
using Xunit;

namespace ChaosDrill.Actions.Tests.Etcd;

/// <summary>What versions of etcd differ in, by their documents; which of them the tests ran on, tests/run says.</summary>
public sealed class EtcdToolsTests
{
    [Theory]
    [InlineData("3.4.23", false)]
    [InlineData("3.4.26", false)]
    [InlineData("3.4.27", true)]
    [InlineData("3.5.0", false)]
    [InlineData("3.5.9", false)]
    [InlineData("3.5.10", true)]
    [InlineData("3.5.30", true)]
    [InlineData("3.6.14", true)]
    [InlineData("3.7.1", true)]
    public void Restore_BumpsRevisionsWhereTheVersionCan(string version, bool bumps) =>
        Assert.Equal(bumps ? ["--bump-revision=1000000000", "--mark-compacted"] : [], new EtcdTool("etcdutl", Version.Parse(version)).BumpArguments);

    [Theory]
    [InlineData("3.4.23", null, "etcdctl")]
    [InlineData("3.5.30", null, "etcdctl")]
    [InlineData("3.5.30", "3.5.30", "etcdutl")]
    [InlineData("3.6.14", "3.6.14", "etcdutl")]
    [InlineData("3.6.14", null, null)]
    public void Restorer_IsEtcdutl_OrEtcdctlBeforeItLostTheRestore(string ctl, string? utl, string? expected) =>
        Assert.Equal(expected, new EtcdTools(null, new EtcdTool("etcdctl", Version.Parse(ctl)), utl is null ? null : new EtcdTool("etcdutl", Version.Parse(utl))).Restorer?.Path);

    /// <summary>tests/run runs all that needs etcd once more with another version: it must be that one, and another than the machine's own.</summary>
    [RealEtcdFact]
    public async Task Programs_AreThoseThatAreFirstInThePath()
    {
        var other = Environment.GetEnvironmentVariable("CHAOSDRILL_TEST_ETCD");
        Assert.SkipWhen(other is null, "needs CHAOSDRILL_TEST_ETCD, a folder with another version of etcd, first in PATH: tests/run fetches one");
        var tools = await EtcdTools.FindAsync(null, TimeProvider.System, TestContext.Current.CancellationToken);

        Assert.All([tools.Server!, tools.Ctl!, tools.Utl!], t => Assert.Equal(other, Path.GetDirectoryName(t.Path)));
        Assert.All([tools.Ctl!, tools.Utl!], t => Assert.Equal(tools.Server!.Version, t.Version));
        var own = await EtcdTools.FindAsync("/usr/bin", TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.NotEqual(own.Server?.Version, tools.Server!.Version);
        Assert.Equal("etcdutl", tools.Restorer!.Name);
    }

    [Theory]
    [InlineData("3.5.16", "3.5.16", null)]
    [InlineData("3.5.16", "3.5.30", null)]
    [InlineData("3.5.16", null, null)]
    [InlineData("3.5.16", "3.4.23", "etcdutl 3.5.16, etcd 3.4.23: etcd vouches for a restore within one minor version only")]
    public void Versions_OfSeveralMinors_AreSaid(string tool, string? server, string? said) =>
        Assert.Equal(said, EtcdTools.Mixed(("etcdutl", Version.Parse(tool)), ("etcd", server is null ? null : Version.Parse(server))));

    [Fact]
    public async Task Programs_ThatAreNotThere_NameTheirPackage()
    {
        var empty = Directory.CreateTempSubdirectory("chaosdrill-test-").FullName;
        var tools = await EtcdTools.FindAsync(empty, TimeProvider.System, TestContext.Current.CancellationToken);
        Directory.Delete(empty);

        Assert.Equal(
            ["etcd-server", "etcd-client", "etcd-client"],
            tools.MissingToRestore().Concat(tools.MissingToSave()).Select(r => r.Mend.Split("apt-get install ")[1].Split(')')[0]));
    }
}
