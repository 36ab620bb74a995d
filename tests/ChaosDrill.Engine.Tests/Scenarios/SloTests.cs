using ChaosDrill.Engine.Scenarios;
using ChaosDrill.Model.Scenarios;
using Xunit;

namespace ChaosDrill.Engine.Tests.Scenarios;

/// <summary>Files of service level objectives, as the tools that own them write them.</summary>
public sealed class SloTests : IDisposable
{
    private const string Sloth = """
        version: "prometheus/v1"
        service: "myservice"
        labels: { owner: "myteam" }
        slos:
          - name: "requests-availability"
            objective: 99.9
            description: "Common SLO based on availability for HTTP request responses."
            sli:
              events:
                error_query: sum(rate(http_requests_total{job="myservice",code=~"(5..|429)"}[{{.window}}]))
                total_query: sum(rate(http_requests_total{job="myservice"}[{{.window}}]))
            alerting: { name: MyServiceHighErrorRate, page_alert: { labels: { severity: pageteam } }, ticket_alert: { disable: true } }
          - name: raw
            objective: 95
            sli: { raw: { error_ratio_query: "my_ratio[{{ .window }}]" } }
            alerting: { page_alert: { disable: true }, ticket_alert: { disable: true } }
        """;

    private const string SlothResource = """
        apiVersion: sloth.slok.dev/v1
        kind: PrometheusServiceLevel
        metadata: { name: sloth-slo-home-wifi, namespace: monitoring }
        spec:
          service: home-wifi
          slos:
            - name: good-wifi-client-satisfaction
              objective: 95
              sli: { events: { errorQuery: "bad[{{.window}}]", totalQuery: "all[{{.window}}]" } }
              alerting: { name: GoodWifi, pageAlert: { labels: { severity: home } } }
        """;

    private const string Pyrra = """
        apiVersion: pyrra.dev/v1alpha1
        kind: ServiceLevelObjective
        metadata:
          name: pyrra-api-errors
          namespace: monitoring
          labels: { prometheus: k8s, role: alert-rules }
        spec:
          target: "99.5"
          window: 2w
          description: Pyrra serves API requests.
          indicator:
            ratio:
              errors: { metric: 'http_requests_total{job="pyrra",code=~"5.."}' }
              total: { metric: 'http_requests_total{job="pyrra"}' }
              grouping: [route]
        """;

    private const string OpenSlo = """
        apiVersion: openslo/v1
        kind: Service
        metadata: { name: shop }
        spec: { description: a shop }
        ---
        apiVersion: openslo/v1
        kind: SLI
        metadata: { name: good-requests }
        spec:
          ratioMetric:
            counter: true
            good: { metricSource: { type: Prometheus, spec: { query: 'http_requests_total{code!~"5.."}' } } }
            total: { metricSource: { type: Prometheus, spec: { query: http_requests_total } } }
        ---
        apiVersion: openslo/v1
        kind: SLO
        metadata: { name: shop-availability, displayName: Shop }
        spec:
          service: shop
          indicatorRef: good-requests
          timeWindow:
            - duration: 1M
              isRolling: true
          budgetingMethod: Occurrences
          objectives:
            - target: 0.995
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("chaosdrill-slo");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(Sloth, "requests-availability", "Sloth", 0.999, 30, """(sum(rate(http_requests_total{job="myservice",code=~"(5..|429)"}[90000ms]))) / (sum(rate(http_requests_total{job="myservice"}[90000ms])))""")]
    [InlineData(Sloth, "raw", "Sloth", 0.95, 30, "my_ratio[90000ms]")]
    [InlineData(SlothResource, null, "Sloth", 0.95, 30, "(bad[90000ms]) / (all[90000ms])")]
    [InlineData(Pyrra, null, "Pyrra", 0.995, 14, """sum(increase(http_requests_total{job="pyrra",code=~"5.."}[90000ms])) / sum(increase(http_requests_total{job="pyrra"}[90000ms]))""")]
    [InlineData(OpenSlo, "shop-availability", "OpenSLO", 0.995, 30, """1 - sum(increase(http_requests_total{code!~"5.."}[90000ms])) / sum(increase(http_requests_total[90000ms]))""")]
    public void Read_FileOfEachForm_GivesTargetWindowAndQuery(string text, string? name, string form, double target, int days, string query)
    {
        var level = Level(text, name);

        Assert.Equal((form, target, TimeSpan.FromDays(days), query), (level.Form, level.Target, level.Window, level.QueryFor(90)));
    }

    [Theory]
    [InlineData("ratio:", "bool_gauge: { metric: up }\n    rest:", "1 - sum(sum_over_time(up[1000ms])) / sum(count_over_time(up[1000ms]))")]
    [InlineData("ratio:", "latency: { success: { metric: 'h_bucket{le=\"0.1\"}' }, total: { metric: h_count } }\n    rest:", "1 - sum(increase(h_bucket{le=\"0.1\"}[1000ms])) / sum(increase(h_count[1000ms]))")]
    public void Read_OtherIndicatorsOfPyrra_AreReadToo(string passage, string instead, string query) =>
        Assert.Equal(query, Level(Pyrra[..Pyrra.IndexOf(passage, StringComparison.Ordinal)] + instead.Split('\n')[0], null).QueryFor(1));

    [Theory]
    [InlineData("counter: true", "counter: false", "1 - sum(avg_over_time((http_requests_total{code!~\"5..\"})[1000ms:])) / sum(avg_over_time((http_requests_total)[1000ms:]))")]
    [InlineData("good: {", "bad: {", "sum(increase(http_requests_total{code!~\"5..\"}[1000ms])) / sum(increase(http_requests_total[1000ms]))")]
    public void Read_OtherRatiosOfOpenSlo_AreReadToo(string passage, string instead, string query) =>
        Assert.Equal(query, Level(OpenSlo.Replace(passage, instead, StringComparison.Ordinal), "shop-availability").QueryFor(1));

    [Theory]
    [InlineData(Sloth, null, "", "", "spec.objectives[0].slo.file: slo.yaml: it holds 2 objectives; choose one with name: requests-availability or raw")]
    [InlineData(Sloth, "requests-availabilty", "", "", "spec.objectives[0].slo.file: slo.yaml: it holds no objective \"requests-availabilty\"; did you mean \"requests-availability\"?")]
    [InlineData(Sloth, "raw", "name: raw", "name: requests-availability", "it holds no objective \"raw\"; there are requests-availability")]
    [InlineData(Sloth, "raw", "error_query:", "errorQuery:", "slo.yaml:10:9 CD1101 slos[0].sli.events.errorQuery: unknown field \"errorQuery\"; did you mean \"error_query\"?")]
    [InlineData(Sloth, "raw", "objective: 99.9", "objective: 100", "slo.yaml:6:16 CD1111 slos[0].objective: found \"100\", needs a number above 0 and below 100; write 99.9 or the like")]
    [InlineData(Sloth, "raw", "objective: 95", "objective: 0", "slos[1].objective: found \"0\"")]
    [InlineData(Sloth, "raw", "objective: 95", "objective: NaN", "slos[1].objective: found \"NaN\"")]
    [InlineData(Sloth, "raw", "{{ .window }}", "5m", "slos[1].sli.raw.error_ratio_query: the query does not say where its window belongs; write [{{.window}}]")]
    [InlineData(Sloth, "raw", "raw: { error_ratio_query", "plugin: { id", "slos[1].sli: what a plugin of Sloth measures is known to Sloth alone")]
    [InlineData(Sloth, "raw", "slos:", "slos: {}\nrest:", "unknown field \"rest\"")]
    [InlineData(SlothResource, null, "slos:", "slos: 5\n  x:", "spec.slos: found the number 5, needs a list")]
    [InlineData(Pyrra, null, "window: 2w", "window: 2 weeks", "slo.yaml:9:11 CD1223 spec.window: found \"2 weeks\", needs a window of up to a year; write 30d, 4w, 1M or the like")]
    [InlineData(Pyrra, null, "window: 2w", "window: 999999d", "needs a window of up to a year")]
    [InlineData(Pyrra, null, "target: \"99.5\"", "target:", "spec.target: it is missing; add it")]
    [InlineData(Pyrra, null, "'http_requests_total{job=\"pyrra\"}'", "'sum(rate(x[5m]))'", "spec.indicator.ratio.total.metric: found \"sum(rate(x[5m]))\", needs a selector of series")]
    [InlineData(Pyrra, null, "pyrra.dev/v1alpha1", "pyrra.dev/v2", "it holds no objective of OpenSLO v1, Sloth or Pyrra; name another file")]
    [InlineData(OpenSlo, null, "indicatorRef: good-requests", "indicatorRef: good-request", "slo.yaml:20:17 CD1223 spec.indicatorRef: this file has no SLI \"good-request\"; did you mean \"good-requests\"?")]
    [InlineData(OpenSlo, null, "budgetingMethod: Occurrences", "budgetingMethod: Timeslices", "spec.budgetingMethod: found \"Timeslices\"; budgets are counted in events here")]
    [InlineData(OpenSlo, null, "- target: 0.995", "- target: 99.5", "spec.objectives[0].target: found \"99.5\", needs a number above 0 and below 1; write 0.999")]
    [InlineData(OpenSlo, null, "- target: 0.995", "- { target: 0.9 }\n    - { target: 0.8 }", "spec.objectives: there are 2 objectives; a budget is that of one")]
    [InlineData(OpenSlo, null, "type: Prometheus, spec: { query: http", "type: Datadog, spec: { query: http", "only Prometheus is asked here")]
    [InlineData(OpenSlo, null, "query: http_requests_total }", "query: 'rate(x[5m])' }", "of a counter only a selector of series can be counted")]
    [InlineData(OpenSlo, null, "kind: SLO\n", "kind: SLO\nkind: SLO\n", "CD1014")]
    [InlineData(OpenSlo, null, "kind: SLO\n", "kind: &a SLO\n", "CD1010")]
    [InlineData(OpenSlo, null, "apiVersion: openslo/v1\nkind: SLO\n", "apiVersion: openslo/v1alpha\nkind: SLO\n", "an unstable form of OpenSLO")]
    [InlineData("5", null, "", "", "needs fields")]
    [InlineData("- a\n- b\n", null, "", "", "needs fields")]
    [InlineData("", null, "", "", "it holds no objective")]
    [InlineData("a: [", null, "", "", "CD1006")]
    [InlineData("hello: world\n", null, "", "", "has neither apiVersion nor version")]
    public void Read_FileThatIsNoGood_SaysWhatWhereAndHowToMendIt(string text, string? name, string passage, string instead, string expected)
    {
        var changed = passage.Length == 0 ? text : text.Replace(passage, instead, StringComparison.Ordinal);
        Assert.True(passage.Length == 0 || changed != text, "the passage is not there");
        var refused = Assert.Throws<ScenarioException>(() => Level(changed, name));

        Assert.Contains(expected, refused.Message.Replace(_folder.FullName + "/", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_FileThatIsNotThere_PointsAtTheScenario() =>
        Assert.Contains("spec.objectives[0].slo.file", Assert.Throws<ScenarioException>(() => Level(null, null)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(0.001, 3600, 3600.0 / 2_592_000)]
    [InlineData(1, 300, 0.1157407)]
    public void BudgetSpent_IsBurnRateTimesTheShareOfTheWindow(double errorRatio, double seconds, double expected)
    {
        // The second is the SRE workbook's: 5 minutes of full outage at 99.9% in 30 days are 11.6% of the budget.
        var level = new ServiceLevel("a", "Sloth", 0.999, TimeSpan.FromDays(30), "");

        Assert.Equal(expected, level.BudgetSpent(errorRatio, seconds), 6);
    }

    private ServiceLevel Level(string? text, string? name)
    {
        if (text is not null)
        {
            File.WriteAllText(Path.Combine(_folder.FullName, "slo.yaml"), text);
        }

        const string Objectives = "  objectives:\n";
        var scenario = Path.Combine(_folder.FullName, "scenario.yaml");
        File.WriteAllText(scenario, Kinds.With(
            Objectives, $"  prometheus: {{ url: \"http://x\" }}\n{Objectives}    - slo: {{ file: slo.yaml, atMost: 5%{(name is null ? "" : $", name: {name}")} }}\n"));
        return ((SloGoal)Kinds.Reader.ReadFile(scenario).Spec.Objectives[0].Goal).Level!;
    }
}
