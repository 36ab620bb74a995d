using ChaosDrill.Testing;

namespace ChaosDrill.Tests.Process;

/// <summary>Whole drills that wait for alerts of a real Prometheus.</summary>
public sealed class AlertDrillTests : IDisposable
{
    private readonly WatchedDrill _drill = new();

    public void Dispose() => _drill.Dispose();

    [Fact]
    public async Task Drill_AlertsOfKnownBehaviour_AreDetectedMissedOrNotKnown()
    {
        var broken = "0";
        await using var exporter = new HttpSite(() => $"shop_broken {Volatile.Read(ref broken)}\n");
        await using var prometheus = await PrometheusServer.StartAsync(exporter.Authority, """
            [
              { alert: ShopBroken, expr: shop_broken == 1, for: 2s, labels: { severity: page } }, { alert: ShopOdd, expr: shop_broken == 1 },
              { alert: Never, expr: shop_broken == 2 }, { alert: Always, expr: vector(1) }
            ]
            """);
        await prometheus.UntilAsync("shop_broken and on() ALERTS{alertname=\"Always\", alertstate=\"firing\"}");
        using var running = _drill.Program.Start("run", _drill.Write(prometheus.Url, """
                - timeToDetect: { alert: ShopBroken, labels: { severity: page }, atMost: 1m }
                - timeToDetect: { alert: ShopBroken, labels: { severity: ticket }, atMost: 1s }
                - timeToDetect: { alert: Never, atMost: 2s }
                - timeToDetect: { alert: Always, atMost: 1m }
            """));
        await running.UntilAsync("fault took effect");
        Volatile.Write(ref broken, "1");
        var ended = await running.EndAsync();

        Assert.True(ended.Code == 1, ended.Out + ended.Error);
        Assert.Matches(@"alert ShopBroken \(.*severity=page\) is pending", ended.Out);
        Assert.Matches(@"alert ShopBroken \(.*severity=page\) fires", ended.Out);
        Assert.Contains("waits for alert/ShopBroken{severity=\"page\"} to fire", ended.Out, StringComparison.Ordinal);
        var report = await File.ReadAllTextAsync(Path.Combine(Assert.Single(Directory.GetDirectories(Path.Combine(_drill.Program.Folder, "reports"))), "postmortem.md"));
        string[] rows = [.. report.Split('\n').Where(l => l.StartsWith("| Time to detect", StringComparison.Ordinal))];
        Assert.Equal(["**pass**", "**fail**", "**fail**", "**inconclusive**"], rows.Select(r => r.Split('|')[5].Trim()));
        Assert.Contains("at least", rows[2], StringComparison.Ordinal);
        Assert.Contains("was firing already", rows[3], StringComparison.Ordinal);
        Assert.Matches(@"\| ShopBroken \| .*severity=page \| \+[0-9.]+ s \| .* \| \*\*expected\*\* \|", report);
        Assert.Matches(@"\| ShopOdd \| .*\*\*unexpected\*\* \|", report);
        Assert.Matches(@"\| Always \| .*before the fault", report);
        Assert.Contains("Expected and not seen to fire: Never", report, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Drill_PrometheusDiesWhileAnAlertIsAwaited_IsInconclusive()
    {
        await using var prometheus = await PrometheusServer.StartAsync(rules: "[ { alert: Never, expr: vector(1) > 2 } ]");
        using var running = _drill.Program.Start("run", _drill.Write(prometheus.Url, "    - timeToDetect: { alert: Never, atMost: 4s }\n"));
        await running.UntilAsync("fault took effect");
        await prometheus.KillAsync();
        var ended = await running.EndAsync();

        Assert.Equal(2, ended.Code);
        Assert.Contains("timeToDetect of alert/Never", ended.Out, StringComparison.Ordinal);
    }
}
