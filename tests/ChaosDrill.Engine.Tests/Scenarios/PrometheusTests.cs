using Xunit;

namespace ChaosDrill.Engine.Tests.Scenarios;

/// <summary>What a scenario may say of its Prometheus.</summary>
public sealed class PrometheusTests
{
    private const string Objectives = "  objectives:\n";
    private const string Query = "    - promql: { query: up, is: \"== 1\" }\n";
    private const string Good = "  prometheus: { url: \"http://prometheus:9090\" }\n";

    [Theory]
    [InlineData(Good)]
    [InlineData("  prometheus: { url: \"https://x/prefix/\", tokenFile: token, caFile: ca.pem, timeout: 5s }\n")]
    [InlineData("  prometheus: { service: { name: prometheus, port: 9090, namespace: monitoring } }\n")]
    public void Read_PrometheusAndAnObjective_IsAccepted(string prometheus) => Kinds.Read(Kinds.With(Objectives, prometheus + Objectives + Query));

    [Fact]
    public void Read_ObjectiveWithoutPrometheus_SaysWhereToNameOne() =>
        Assert.Equal(
            ["30:15 CD1222 spec.objectives[0].promql: it asks Prometheus, and the scenario names none; add spec.prometheus: { url: \"http://HOST:9090\" }"],
            Kinds.ErrorsWith(Objectives, Objectives + Query));

    [Theory]
    [InlineData("{ }", "CD1117 spec.prometheus: Prometheus is reached in one way; write one of url: http://HOST:9090 and service: { name: NAME, port: 9090 }")]
    [InlineData("{ url: \"http://x\", service: { name: a, port: 1 } }", "CD1117 spec.prometheus.service: Prometheus is reached in one way; write one of url: http://HOST:9090 and service: { name: NAME, port: 9090 }")]
    [InlineData("{ url: prometheus:9090 }", "CD1117 spec.prometheus.url: this is no http or https address; write http://HOST:9090, without a query")]
    [InlineData("{ url: \"http://me:secret@x\" }", "CD1117 spec.prometheus.url: an address that holds a password ends up in logs and reports; write the address without it, and put a token into tokenFile or tokenEnv")]
    [InlineData("{ url: \"http://x\", tokenFile: a, tokenEnv: B }", "CD1117 spec.prometheus.tokenEnv: there is one token; write one of tokenFile and tokenEnv")]
    [InlineData("{ service: { name: a, port: 1 }, tokenEnv: B }", "CD1117 spec.prometheus.tokenEnv: the API server's proxy takes the token for its own and keeps it; leave it out, or reach Prometheus by url")]
    [InlineData("{ ulr: \"http://x\" }", "CD1101 spec.prometheus.ulr: unknown field \"ulr\"; did you mean \"url\"?")]
    public void Read_PrometheusThatCannotBeReached_SaysHowToMendIt(string prometheus, string expected) =>
        Assert.Equal([expected], Kinds.ErrorsWith(Objectives, $"  prometheus: {prometheus}\n{Objectives}{Query}").Select(e => e[(e.IndexOf(' ', StringComparison.Ordinal) + 1)..]));

    [Theory]
    [InlineData("\"0.01\"", "found \"0.01\", a comparison is <, <=, >, >=, == or != and a number; write \"< 0.01\"")]
    [InlineData("\"=< 3\"", "found \"=< 3\", a comparison is <, <=, >, >=, == or != and a number; write \"<= 3\"")]
    [InlineData("= 3", "found \"= 3\", a comparison is <, <=, >, >=, == or != and a number; write \"== 3\"")]
    [InlineData("low", "found \"low\", a comparison is <, <=, >, >=, == or != and a number; write \"< 0.01\" or the like")]
    public void Read_Comparison_SaysHowOneIsWritten(string comparison, string expected) =>
        Assert.EndsWith("CD1118 spec.objectives[0].promql.is: " + expected, Assert.Single(Kinds.ErrorsWith(Objectives, $"{Good}{Objectives}    - promql: {{ query: up, is: {comparison} }}\n")), StringComparison.Ordinal);
}
