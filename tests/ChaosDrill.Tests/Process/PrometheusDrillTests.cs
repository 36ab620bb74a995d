using System.Text.Json;
using ChaosDrill.Testing;

namespace ChaosDrill.Tests.Process;

/// <summary>Whole drills whose subject is watched by a real Prometheus.</summary>
public sealed class PrometheusDrillTests : IDisposable
{
    private readonly Chaosdrill _chaosdrill = new();

    public void Dispose() => _chaosdrill.Dispose();

    [Fact]
    public async Task Drill_QueriesWithKnownAnswers_AreJudgedByThem()
    {
        await using var prometheus = await PrometheusServer.StartAsync();
        var (code, objectives) = await RunAsync(prometheus.Url, """
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
        using var running = _chaosdrill.Start("run", Write(prometheus.Url, "    - promql: { query: vector(1), is: \"== 1\" }\n"));
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
        using var running = _chaosdrill.Start("run", Write(
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
        using var running = _chaosdrill.Start("run", Write(prometheus.Url, """
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
        var report = await File.ReadAllTextAsync(Path.Combine(Assert.Single(Directory.GetDirectories(Path.Combine(_chaosdrill.Folder, "reports"))), "postmortem.md"));
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
        using var running = _chaosdrill.Start("run", Write(prometheus.Url, "    - timeToDetect: { alert: Never, atMost: 4s }\n"));
        await running.UntilAsync("fault took effect");
        await prometheus.KillAsync();
        var ended = await running.EndAsync();

        Assert.Equal(2, ended.Code);
        Assert.Contains("timeToDetect of alert/Never", ended.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Drill_ServiceLevelsOfEachForm_SpendAKnownShareOfTheirBudget()
    {
        // Ten requests a second, one of them bad: 10% bad events, whenever it is looked at.
        var begin = TimeProvider.System.GetTimestamp();
        int Requests() => (int)TimeProvider.System.GetElapsedTime(begin).TotalMilliseconds;
        await using var exporter = new HttpSite(() => $"shop_requests_total{{code=\"200\"}} {9 * Requests()}\nshop_requests_total{{code=\"500\"}} {Requests()}\nshop_ok 0.9\n");
        await using var prometheus = await PrometheusServer.StartAsync(exporter.Authority);
        await prometheus.UntilAsync("rate(shop_requests_total[5s])");
        _chaosdrill.Write("slo.yaml", """
            version: prometheus/v1
            service: shop
            slos:
              - name: sloth
                objective: 99
                sli: { events: { error_query: 'sum(rate(shop_requests_total{code="500"}[{{.window}}]))', total_query: 'sum(rate(shop_requests_total[{{.window}}]))' } }
            ---
            apiVersion: pyrra.dev/v1alpha1
            kind: ServiceLevelObjective
            metadata: { name: pyrra }
            spec: { target: "99", window: 30d, indicator: { ratio: { errors: { metric: 'shop_requests_total{code="500"}' }, total: { metric: shop_requests_total } } } }
            ---
            apiVersion: pyrra.dev/v1alpha1
            kind: ServiceLevelObjective
            metadata: { name: gauge }
            spec: { target: "99", window: 30d, indicator: { bool_gauge: { metric: shop_ok } } }
            ---
            apiVersion: pyrra.dev/v1alpha1
            kind: ServiceLevelObjective
            metadata: { name: nothing }
            spec: { target: "99", window: 30d, indicator: { ratio: { errors: { metric: shop_errors_total }, total: { metric: shop_requests_total } } } }
            ---
            apiVersion: openslo/v1
            kind: SLO
            metadata: { name: open }
            spec:
              service: shop
              indicator: { metadata: { name: i }, spec: { ratioMetric: { counter: true, good: { metricSource: { type: Prometheus, spec: { query: 'shop_requests_total{code="200"}' } } }, total: { metricSource: { type: Prometheus, spec: { query: shop_requests_total } } } } } }
              timeWindow: [ { duration: 30d, isRolling: true } ]
              budgetingMethod: Occurrences
              objectives: [ { target: 0.99 } ]
            """);
        var (code, objectives) = await RunAsync(prometheus.Url, string.Concat(((string[])["sloth", "pyrra", "gauge", "nothing", "open"]).Select(n => $"    - slo: {{ file: slo.yaml, name: {n}, atMost: 5% }}\n")) + "    - slo: { file: slo.yaml, name: sloth, atMost: 0.0001% }\n", wait: "6s");

        Assert.Equal(1, code);
        Assert.Equal(["pass", "pass", "pass", "inconclusive", "pass", "fail"], objectives.Select(o => o.Verdict));
        Assert.Contains("no data", objectives[3].Reason, StringComparison.Ordinal);
        using var drill = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(Assert.Single(Directory.GetDirectories(Path.Combine(_chaosdrill.Folder, "reports"))), "drill.json")));
        foreach (var objective in drill.RootElement.GetProperty("judgement").GetProperty("objectives").EnumerateArray().Where(o => o.GetProperty("goal").GetProperty("name").GetString() != "nothing"))
        {
            // 10% bad events against a budget of 1% burn it ten times as fast as allowed; increases are extrapolated to the window's ends, so that ratios scatter a little.
            var value = objective.GetProperty("measure").GetProperty("values")[0];
            var burnt = System.Text.RegularExpressions.Regex.Match(value.GetProperty("remark").GetString()!, "bad events in ([0-9.]+) s, .*burn rate ([0-9.]+)");
            Assert.InRange(double.Parse(burnt.Groups[2].Value), 8, 12);
            var spent = double.Parse(burnt.Groups[2].Value) * double.Parse(burnt.Groups[1].Value) / TimeSpan.FromDays(30).TotalSeconds;
            Assert.InRange(value.GetProperty("value").GetDouble() / spent, 0.98, 1.02);
        }
    }

    [Fact]
    public async Task Drill_PrometheusThatCannotBeAsked_IsRefusedBeforeAnythingIsTouched()
    {
        var gone = await _chaosdrill.RunAsync("run", Write("http://127.0.0.1:1", "    - promql: { query: up, is: \"== 1\" }\n"));
        Assert.Equal(3, gone.Code);
        Assert.Contains("Prometheus at http://127.0.0.1:1 cannot be asked: Connection refused", gone.Out, StringComparison.Ordinal);

        await using var prometheus = await PrometheusServer.StartAsync();
        var wrong = Write(prometheus.Url, "    - promql: { query: 'rate(up)', is: \"== 1\" }\n");
        foreach (var command in (string[])["run", "plan"])
        {
            var refused = await _chaosdrill.RunAsync(command, wrong);
            Assert.Equal(3, refused.Code);
            Assert.Contains("cannot answer rate(up): invalid parameter \"query\": 1:6: parse error", refused.Out, StringComparison.Ordinal);
        }

        Assert.Equal(64, (await _chaosdrill.RunAsync("run", wrong, "--virtual-time")).Code);
    }

    private string Write(string prometheus, string objectives, string wait = "1s", string more = "") => _chaosdrill.Write("watched.yaml", $$"""
        apiVersion: chaosdrill.dev/v1
        kind: Scenario
        metadata: { name: watched }
        spec:
          cluster: { namespace: shop }
          twin: { nodes: 1, manifests: [{{Repository.Path("scenarios", "twin", "shop.yaml")}}] }
          prometheus: { url: "{{prometheus}}" }
        {{more}}
          steps:
            - name: Scale to zero
              scale: { workload: deployment/storefront, replicas: 0, maxDuration: 5m }
            - wait: { for: {{wait}} }
            - undo: { step: Scale to zero }
          objectives:
        {{objectives}}
        """);

    private async Task<(int Code, List<(string Name, string Verdict, string Reason)> Objectives)> RunAsync(string prometheus, string objectives, string wait = "1s")
    {
        var ended = await _chaosdrill.RunAsync("run", Write(prometheus, objectives, wait), "--output", "json");
        Assert.True(ended.Out.Length > 0, ended.Error);
        using var result = JsonDocument.Parse(ended.Out);
        return (ended.Code, [.. result.RootElement.GetProperty("objectives").EnumerateArray().Select(o => (
            o.GetProperty("goal").GetProperty("name").GetString()!, o.GetProperty("verdict").GetString()!, o.GetProperty("reason").GetString()!))]);
    }
}
