namespace ChaosDrill.Tests.Process;

/// <summary>Past drills as a user looks at them.</summary>
public sealed class HistoryTests : IDisposable
{
    private readonly Chaosdrill _chaosdrill = new();

    public void Dispose() => _chaosdrill.Dispose();

    [Fact]
    public async Task Drill_ThenTrendCompareExportAndPrune()
    {
        await _chaosdrill.RunAsync("run", Chaosdrill.Scenario, "--virtual-time", "--seed", "7");

        // One drill can never be told from chance, and a pipeline must not take that for a pass.
        var trend = await _chaosdrill.RunAsync("trend", "storefront-pod-kill", "--metric", "recoveryTime", "--fail-on-regression");
        Assert.Equal(2, trend.Code);
        Assert.Contains("inconclusive  1 new value against 0 earlier ones", trend.Out, StringComparison.Ordinal);
        Assert.Equal(0, (await _chaosdrill.RunAsync("trend", "storefront-pod-kill")).Code);
        Assert.Contains(",recoveryTime,deployment/storefront,seconds,1,2.51,30,pass,false,", (await _chaosdrill.RunAsync("trend", "storefront-pod-kill", "--output", "csv")).Out, StringComparison.Ordinal);
        Assert.Contains("same", (await _chaosdrill.RunAsync("compare", "latest", "latest")).Out, StringComparison.Ordinal);
        Assert.StartsWith("drill,scenario,cluster,", (await _chaosdrill.RunAsync("history", "--output", "csv")).Out, StringComparison.Ordinal);

        Assert.Contains("0 drills deleted", (await _chaosdrill.RunAsync("history", "prune", "--keep", "1")).Out, StringComparison.Ordinal);
        Assert.Contains("1 drill would be deleted", (await _chaosdrill.RunAsync("history", "prune", "--older-than", "1ms", "--dry-run")).Out, StringComparison.Ordinal);
        Assert.Contains("1 drill deleted", (await _chaosdrill.RunAsync("history", "prune", "--older-than", "1ms")).Out, StringComparison.Ordinal);
        Assert.Equal("no drill matches\n", (await _chaosdrill.RunAsync("history")).Out);
    }
}
