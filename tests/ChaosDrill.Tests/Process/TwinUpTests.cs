using System.Text.RegularExpressions;

namespace ChaosDrill.Tests.Process;

/// <summary>A twin that stays up, used as a real cluster is: over TLS, by name, through a kubeconfig.</summary>
public sealed partial class TwinUpTests : IDisposable
{
    private readonly Chaosdrill _chaosdrill = new();

    public void Dispose() => _chaosdrill.Dispose();

    // In real time a busy machine misses samples, and a drill that missed some says so: only the watched recovery is judged here.
    private string RecoveryOnly() => _chaosdrill.Write("recovery.yaml", string.Join('\n', File.ReadAllLines(Chaosdrill.Scenario)
        .Where(l => !l.Contains("availability:", StringComparison.Ordinal) && !l.Contains("longestOutage:", StringComparison.Ordinal) && !l.Contains("latency:", StringComparison.Ordinal))));

    [Fact]
    public async Task Drill_OnATwinThatStaysUp_KeepsOthersOutPassesAndTheTwinEndsCleanly()
    {
        using var twin = _chaosdrill.Start("twin", "up");
        var said = await twin.UntilAsync("All deployments are ready");
        var kubeconfig = Exported().Match(said).Groups[1].Value;
        Assert.True(File.Exists(kubeconfig));

        using var running = _chaosdrill.Start("run", RecoveryOnly(), "--context", "twin", "--kubeconfig", kubeconfig);
        await running.UntilAsync("fault took effect");
        var second = await _chaosdrill.RunAsync("run", Chaosdrill.Scenario, "--context", "twin", "--kubeconfig", kubeconfig);
        Assert.Equal(3, second.Code);
        Assert.Contains("REFUSED  another drill holds namespace shop", second.Out, StringComparison.Ordinal);

        var drill = await running.EndAsync();
        Assert.True(drill.Code == 0, drill.Out + drill.Error);
        Assert.Contains("storefront-pod-kill on twin (v", drill.Out, StringComparison.Ordinal);

        twin.Signal("TERM");
        var ended = await twin.EndAsync();
        Assert.Equal((0, ""), (ended.Code, ended.Error));
        Assert.False(File.Exists(kubeconfig));
    }

    [Fact]
    public async Task Drill_KilledOnACluster_IsUndoneByTheNextRun()
    {
        using var twin = _chaosdrill.Start("twin", "up");
        var kubeconfig = Exported().Match(await twin.UntilAsync("All deployments are ready")).Groups[1].Value;
        using (var running = _chaosdrill.Start("run", Chaosdrill.Scenario, "--context", "twin", "--kubeconfig", kubeconfig))
        {
            await running.UntilAsync("fault took effect");
            running.Signal("KILL");
            await running.EndAsync();
        }

        using var next = _chaosdrill.Start("run", Chaosdrill.Scenario, "--context", "twin", "--kubeconfig", kubeconfig);
        var said = await next.UntilAsync("checking the steady state");
        next.Signal("INT");
        Assert.Contains("put back what drill storefront-pod-kill-", said, StringComparison.Ordinal);
        Assert.Contains("lease shop/chaosdrill removed", said, StringComparison.Ordinal);
        Assert.Equal(4, (await next.EndAsync()).Code);
    }

    [GeneratedRegex("^export KUBECONFIG=(.*)$", RegexOptions.Multiline)]
    private static partial Regex Exported();
}
