using ChaosDrill.Actions.Etcd.Local;
using Xunit;

namespace ChaosDrill.Actions.Tests.Etcd;

/// <summary>What versions of etcd differ in, by their documents; of them only 3.4 is at hand here.</summary>
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
