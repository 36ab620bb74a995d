using ChaosDrill.Actions.Programs;
using ChaosDrill.Engine.Ports;
using Xunit;

namespace ChaosDrill.Actions.Tests.Programs;

public sealed class HostCommandTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(null, "true")]
    [InlineData("false ended with exit code 1", "false")]
    [InlineData("sh ended with exit code 3: no such node", "sh", "-c", "echo no such node >&2; exit 3")]
    [InlineData(null, "test", "a b; $HOME", "=", "a b; $HOME")]
    public async Task Try_SaysHowItEnded(string? expected, params string[] words) =>
        Assert.Equal(expected, await new HostCommand(words).TryAsync(Limit, TimeProvider.System, default));

    [Fact]
    public async Task Try_ProgramThatIsNotThere_IsNoAnswer()
    {
        var error = await Assert.ThrowsAsync<ClusterException>(() => new HostCommand(["no-such-program"]).TryAsync(Limit, TimeProvider.System, default));
        Assert.Contains("no-such-program", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Try_ThatTakesTooLong_IsNoAnswer()
    {
        var error = await Assert.ThrowsAsync<ClusterException>(() => new HostCommand(["sleep", "60"]).TryAsync(TimeSpan.FromMilliseconds(200), TimeProvider.System, default));
        Assert.Contains("did not end within 200ms", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void With_ReplacesThePlaceholderWhereverItStands() =>
        Assert.Equal("ssh root@node1 'systemctl stop kubelet'", new HostCommand(["ssh", "root@{node}", "systemctl stop kubelet"]).With("{node}", "node1").ToString());

    [Theory]
    [InlineData(new[] { "a" }, new string[0])]
    [InlineData(new string[0], new[] { "a" })]
    [InlineData(new[] { "" }, new[] { "a" })]
    [InlineData(new[] { "a", "\0" }, new[] { "a" })]
    public void CheckPair_HalfAPairOrNoProgram_IsAProblem(string[] stop, string[] start) => Assert.NotEmpty(HostCommand.CheckPair(stop, start));

    [Fact]
    public void CheckPair_BothOrNeither_IsWell()
    {
        Assert.Empty(HostCommand.CheckPair([], []));
        Assert.Empty(HostCommand.CheckPair(["a", ""], ["b"]));
    }
}
