using System.Text.Json;
using ChaosDrill.Testing;

namespace ChaosDrill.Tests.Process;

/// <summary>A whole drill whose error budgets a real Prometheus tells.</summary>
public sealed class ServiceLevelDrillTests : IDisposable
{
    private readonly WatchedDrill _drill = new();

    public void Dispose() => _drill.Dispose();

    [Fact]
    public async Task Drill_ServiceLevelsOfEachForm_SpendAKnownShareOfTheirBudget()
    {
        // Ten requests a second, one of them bad: 10% bad events, whenever it is looked at.
        var begin = TimeProvider.System.GetTimestamp();
        int Requests() => (int)TimeProvider.System.GetElapsedTime(begin).TotalMilliseconds;
        await using var exporter = new HttpSite(() => $"shop_requests_total{{code=\"200\"}} {9 * Requests()}\nshop_requests_total{{code=\"500\"}} {Requests()}\nshop_ok 0.9\n");
        await using var prometheus = await PrometheusServer.StartAsync(exporter.Authority);
        await prometheus.UntilAsync("rate(shop_requests_total[5s])");
        _drill.Program.Write("slo.yaml", """
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
        var (code, objectives) = await _drill.RunAsync(prometheus.Url, string.Concat(((string[])["sloth", "pyrra", "gauge", "nothing", "open"]).Select(n => $"    - slo: {{ file: slo.yaml, name: {n}, atMost: 5% }}\n")) + "    - slo: { file: slo.yaml, name: sloth, atMost: 0.0001% }\n", wait: "6s");

        Assert.Equal(1, code);
        Assert.Equal(["pass", "pass", "pass", "inconclusive", "pass", "fail"], objectives.Select(o => o.Verdict));
        Assert.Contains("no data", objectives[3].Reason, StringComparison.Ordinal);
        using var drill = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(Assert.Single(Directory.GetDirectories(Path.Combine(_drill.Program.Folder, "reports"))), "drill.json")));
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
}
