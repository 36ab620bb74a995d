using ChaosDrill.Testing;

namespace ChaosDrill.Tests.Process;

/// <summary>Whole drills whose subject is watched by a real Prometheus.</summary>
public sealed class PrometheusDrillTests : IDisposable
{
    private readonly WatchedDrill _drill = new();

    public void Dispose() => _drill.Dispose();

    [Fact]
    public async Task Drill_QueriesWithKnownAnswers_AreJudgedByThem()
    {
        await using var prometheus = await PrometheusServer.StartAsync();
        var (code, objectives) = await _drill.RunAsync(prometheus.Url, """
                - promql: { name: good, query: "vector(0.009)", is: "< 1%" }
                - promql: { name: bad, query: "vector(0.03)", is: "< 0.01" }
                - promql: { name: none, query: errors_total, is: "< 0.01" }
                - promql: { name: several, query: "label_replace(vector(1), 'a', 'b', '', '') or vector(2)", is: "< 9" }
                - promql: { name: all, query: "label_replace(vector(1), 'a', 'b', '', '') or vector(2)", is: "< 9", series: all }
                - promql: { name: nan, query: "vector(0) / 0", is: "< 9" }
                - promql: { name: throughout, query: "vector(1)", is: "== 1", over: drill, every: 500ms }
                - promql: { name: holes, query: "vector(1) and on() (vector(time() % 2) > 1)", is: "== 1", over: drill, every: 250ms }
            """);

        Assert.Equal(1, code);
        Assert.Equal(
            ["all pass", "bad fail", "good pass", "holes inconclusive", "nan inconclusive", "none inconclusive", "several inconclusive", "throughout pass"],
            objectives.Select(o => $"{o.Name} {o.Verdict}").Order(StringComparer.Ordinal));
        Assert.Equal("promql of bad was 0.03, allowed is < 0.01", objectives.Single(o => o.Name == "bad").Reason);
        Assert.Contains("series: all, any or sum", objectives.Single(o => o.Name == "several").Reason, StringComparison.Ordinal);
        Assert.Contains("instants nothing is known", objectives.Single(o => o.Name == "holes").Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Drill_PrometheusDiesOnTheWay_IsInconclusive()
    {
        await using var prometheus = await PrometheusServer.StartAsync();
        using var running = _drill.Program.Start("run", _drill.Write(prometheus.Url, "    - promql: { query: vector(1), is: \"== 1\" }\n"));
        await running.UntilAsync("fault took effect");
        await prometheus.KillAsync();
        var ended = await running.EndAsync();

        Assert.Equal(2, ended.Code);
        Assert.Contains("promql of vector(1) is not known: Prometheus at " + prometheus.Url + ": Connection refused", ended.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Drill_ProbeOfPrometheusFails_IsAbortedAndUndone()
    {
        var errors = "0";
        await using var exporter = new HttpSite(() => $"shop_errors {Volatile.Read(ref errors)}\n");
        await using var prometheus = await PrometheusServer.StartAsync(exporter.Authority);
        await prometheus.UntilAsync("shop_errors");
        using var running = _drill.Program.Start("run", _drill.Write(
            prometheus.Url, "    - promql: { query: shop_errors, is: \"== 0\" }\n", wait: "1m",
            more: """
                  guards: { abortWhen: [ { probe: errors, failingFor: 1s } ] }
                  probes: [ { name: errors, promql: { query: shop_errors, is: "< 5" }, every: 200ms } ]
                  steadyState: [ { probe: errors, for: 500ms } ]
                """));
        await running.UntilAsync("fault took effect");
        Volatile.Write(ref errors, "7");
        var ended = await running.EndAsync();

        Assert.Equal(4, ended.Code);
        Assert.Contains("probe errors fails: 7 of shop_errors{", ended.Out, StringComparison.Ordinal);
        Assert.Contains("guard abortWhen", ended.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Drill_PrometheusThatCannotBeAsked_IsRefusedBeforeAnythingIsTouched()
    {
        var gone = await _drill.Program.RunAsync("run", _drill.Write("http://127.0.0.1:1", "    - promql: { query: up, is: \"== 1\" }\n"));
        Assert.Equal(3, gone.Code);
        Assert.Contains("Prometheus at http://127.0.0.1:1 cannot be asked: Connection refused", gone.Out, StringComparison.Ordinal);

        await using var prometheus = await PrometheusServer.StartAsync();
        var wrong = _drill.Write(prometheus.Url, "    - promql: { query: 'rate(up)', is: \"== 1\" }\n");
        foreach (var command in (string[])["run", "plan"])
        {
            var refused = await _drill.Program.RunAsync(command, wrong);
            Assert.Equal(3, refused.Code);
            Assert.Contains("cannot answer rate(up): invalid parameter \"query\": 1:6: parse error", refused.Out, StringComparison.Ordinal);
        }

        Assert.Equal(64, (await _drill.Program.RunAsync("run", wrong, "--virtual-time")).Code);
    }
}
