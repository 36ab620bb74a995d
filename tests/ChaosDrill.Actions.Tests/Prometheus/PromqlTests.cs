using System.Net;
using ChaosDrill.Actions.Probes;
using ChaosDrill.Actions.Prometheus;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Model.Timelines;
using ChaosDrill.Testing;
using Xunit;

namespace ChaosDrill.Actions.Tests.Prometheus;

/// <summary>What a probe learns from a real Prometheus, and what it does not.</summary>
public sealed class PromqlTests(PromqlTests.Field field) : IClassFixture<PromqlTests.Field>
{
    private const string Three = "label_replace(vector(1), \"pod\", \"a\", \"\", \"\") or label_replace(vector(2), \"pod\", \"b\", \"\", \"\") or label_replace(vector(3), \"pod\", \"c\", \"\", \"\")";
    private const string OneNaN = "label_replace(vector(1), \"pod\", \"a\", \"\", \"\") or label_replace(vector(0) / 0, \"pod\", \"b\", \"\", \"\")";

    [Theory]
    [InlineData("vector(0.009)", "< 0.01", SeriesRule.One, SampleOutcome.Success, null)]
    [InlineData("vector(0.01)", "< 0.01", SeriesRule.One, SampleOutcome.Failure, "0.01, not < 0.01")]
    [InlineData("0.5", ">= 50%", SeriesRule.One, SampleOutcome.Success, null)]
    [InlineData("sum(shop_up)", "== 2", SeriesRule.One, SampleOutcome.Success, null)]
    [InlineData("shop_up{pod=\"a\"}", "== 0", SeriesRule.One, SampleOutcome.Failure, "1 of shop_up{instance=")]
    [InlineData("nothing_of_the_kind", "< 1", SeriesRule.One, SampleOutcome.Unknown, "no data")]
    [InlineData("shop_up == 0", "< 1", SeriesRule.One, SampleOutcome.Unknown, "put the comparison into \"is\"")]
    [InlineData("nothing_of_the_kind or vector(0)", "< 1", SeriesRule.One, SampleOutcome.Success, null)]
    [InlineData(Three, "< 9", SeriesRule.One, SampleOutcome.Unknown, "3 series ({pod=\"a\"}, {pod=\"b\"}, {pod=\"c\"}), and nothing says how to judge several; write series: all, any or sum")]
    [InlineData(Three, "<= 3", SeriesRule.All, SampleOutcome.Success, null)]
    [InlineData(Three, "< 3", SeriesRule.All, SampleOutcome.Failure, "3 of {pod=\"c\"}, one of 3 series, not < 3")]
    [InlineData(Three, "!= 2", SeriesRule.All, SampleOutcome.Failure, "2 of {pod=\"b\"}")]
    [InlineData(Three, "== 2", SeriesRule.Any, SampleOutcome.Success, null)]
    [InlineData(Three, "> 3", SeriesRule.Any, SampleOutcome.Failure, "not > 3")]
    [InlineData(Three, "== 6", SeriesRule.Sum, SampleOutcome.Success, null)]
    [InlineData(Three, "< 6", SeriesRule.Sum, SampleOutcome.Failure, "6 as the sum of 3 series")]
    [InlineData("vector(0) / 0", "< 1", SeriesRule.One, SampleOutcome.Unknown, "NaN")]
    [InlineData("vector(1) / 0", "< 1", SeriesRule.One, SampleOutcome.Unknown, "infinity")]
    [InlineData(OneNaN, "< 9", SeriesRule.All, SampleOutcome.Unknown, "NaN for {pod=\"b\"}")]
    [InlineData(OneNaN, "> 9", SeriesRule.All, SampleOutcome.Failure, "1 of {pod=\"a\"}")]
    [InlineData(OneNaN, "< 9", SeriesRule.Any, SampleOutcome.Success, null)]
    [InlineData(OneNaN, "> 9", SeriesRule.Any, SampleOutcome.Unknown, "NaN")]
    [InlineData(OneNaN, "< 9", SeriesRule.Sum, SampleOutcome.Unknown, "NaN")]
    [InlineData("\"text\"", "< 1", SeriesRule.One, SampleOutcome.Unknown, "gives a string and no number")]
    [InlineData("shop_up[1m]", "< 1", SeriesRule.One, SampleOutcome.Unknown, "wrap it into a function")]
    [InlineData("shop_up{", "< 1", SeriesRule.One, SampleOutcome.Unknown, "parse error")]
    [InlineData("shop_up * on(job) group_left shop_up", "< 1", SeriesRule.All, SampleOutcome.Unknown, "many-to-many matching")]
    public async Task Ask_Answer_DecidesTheOutcome(string query, string comparison, SeriesRule rule, SampleOutcome expected, string? said)
    {
        var reply = await AskAsync(new PrometheusSpec { Url = field.Prometheus.Url }, query, comparison, rule);

        Assert.Equal(expected, reply.Outcome);
        Assert.True(said is null ? reply.Detail is null : reply.Detail!.Contains(said, StringComparison.Ordinal), reply.Detail);
    }

    [Fact]
    public async Task Ask_SeriesOfATargetThatIsGone_SaysNothing()
    {
        await using var prometheus = await StartWithAsync(out var exporter);
        await prometheus.UntilAsync("shop_up");
        var spec = new PrometheusSpec { Url = prometheus.Url };
        Assert.Equal(SampleOutcome.Success, (await AskAsync(spec, "shop_up", "== 1", SeriesRule.All)).Outcome);

        await exporter.DisposeAsync();
        await prometheus.UntilAsync("up == 0");

        var reply = await AskAsync(spec, "shop_up", "== 1", SeriesRule.All);
        Assert.Equal(SampleOutcome.Unknown, reply.Outcome);
        Assert.Contains("stale", reply.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ask_NobodyThere_SaysNothingOfTheSubject()
    {
        var reply = await AskAsync(new PrometheusSpec { Url = "http://127.0.0.1:1" }, "up", "== 1");

        Assert.Equal(SampleOutcome.Unknown, reply.Outcome);
        Assert.Contains("Prometheus at http://127.0.0.1:1: Connection refused", reply.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ask_NoAnswerInTime_SaysNothingOfTheSubject()
    {
        var never = new TaskCompletionSource<(int, string)>();
        await using var silent = new HttpSite((_, _) => never.Task);
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(200), TimeProvider.System);

        var reply = await AskAsync(new PrometheusSpec { Url = silent.Url }, "up", "== 1", cancellationToken: limit.Token);
        Assert.Equal((SampleOutcome.Unknown, $"Prometheus at {silent.Url} gave no answer in time"), (reply.Outcome, reply.Detail));

        reply = await AskAsync(new PrometheusSpec { Url = silent.Url, Timeout = TimeSpan.FromMilliseconds(150) }, "up", "== 1");
        Assert.Contains("no answer within 150ms", reply.Detail, StringComparison.Ordinal);
        never.SetResult((200, ""));
    }

    [Theory]
    [InlineData("<html>hello</html>", "no answer of Prometheus: <html>")]
    [InlineData("{}", "HTTP 200")]
    [InlineData("[1]", "HTTP 200")]
    [InlineData("""{"status":"success"}""", "no answer of Prometheus")]
    [InlineData("""{"status":"success","data":{"resultType":"vector","result":[{"metric":{}}]}}""", "native histograms")]
    [InlineData("""{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":"x"}]}}""", "no answer of Prometheus")]
    [InlineData("""{"status":"success","warnings":["a store is away"],"data":{"resultType":"vector","result":[{"metric":{},"value":[1,"1"]}]}}""", "it warns: a store is away")]
    public async Task Ask_AnswerOfSomebodyElse_SaysNothing(string body, string said)
    {
        await using var site = new HttpSite(() => body);

        var reply = await AskAsync(new PrometheusSpec { Url = site.Url }, "up", "== 1");

        Assert.Equal(SampleOutcome.Unknown, reply.Outcome);
        Assert.Contains(said, reply.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ask_WithAToken_SendsItAndNeverTellsIt()
    {
        const string Token = "s3cr3t-t0ken";
        var file = Path.GetTempFileName();
        await using var gate = Gate(request => request.Headers["Authorization"] == "Bearer " + Token);
        var spec = new PrometheusSpec { Url = gate.Url, TokenFile = file };

        await File.WriteAllTextAsync(file, Token + "\n");
        Assert.Equal(SampleOutcome.Success, (await AskAsync(spec, "vector(1)", "== 1")).Outcome);

        // The gate tells what it was sent; a timeline must not.
        await File.WriteAllTextAsync(file, "another-token");
        var refused = await AskAsync(spec, "vector(1)", "== 1");
        Assert.Equal(SampleOutcome.Unknown, refused.Outcome);
        Assert.Contains("Bearer ***", refused.Detail, StringComparison.Ordinal);

        await File.WriteAllTextAsync(file, "two words");
        Assert.Contains("is no token", (await AskAsync(spec, "vector(1)", "== 1")).Detail, StringComparison.Ordinal);
        File.Delete(file);
        Assert.Contains("cannot be read", (await AskAsync(spec, "vector(1)", "== 1")).Detail, StringComparison.Ordinal);
        Assert.Contains("CHAOSDRILL_NO_SUCH_TOKEN with its token is not set", (await AskAsync(spec with { TokenFile = null, TokenEnv = "CHAOSDRILL_NO_SUCH_TOKEN" }, "vector(1)", "== 1")).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ask_Redirected_DoesNotFollow()
    {
        await using var gate = new HttpSite((_, _) => Task.FromResult((302, "")));

        Assert.Contains("HTTP 302", (await AskAsync(new PrometheusSpec { Url = gate.Url }, "vector(1)", "== 1")).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ask_ThroughTheApiServer_ReachesTheService()
    {
        const string Proxy = "/api/v1/namespaces/monitoring/services/prometheus:9090/proxy";
        await using var server = Gate(_ => true, path => path.StartsWith(Proxy, StringComparison.Ordinal) ? path[Proxy.Length..] : null);
        await using var client = new KubernetesClient(new Uri(server.Url), new SocketsHttpHandler(), TimeProvider.System);
        var spec = new PrometheusSpec { Service = new PrometheusService { Name = "prometheus", Port = "9090", Namespace = "monitoring" } };

        Assert.Equal(SampleOutcome.Success, (await AskAsync(spec, "sum(shop_up) + vector(1)", "== 3", client: client)).Outcome);
        var missing = await AskAsync(spec with { Service = spec.Service with { Name = "other" } }, "vector(1)", "== 1", client: client);
        Assert.Equal(SampleOutcome.Unknown, missing.Outcome);
        Assert.Contains("services \"other\" not found", missing.Detail, StringComparison.Ordinal);
    }

    private HttpSite Gate(Func<HttpListenerRequest, bool> lets, Func<string, string?>? to = null) => new(async (request, _) =>
    {
        if (!lets(request))
        {
            return (401, "who are you with " + request.Headers["Authorization"]);
        }

        if ((to ?? (p => p))(request.RawUrl!) is not { } path)
        {
            return (404, """{"kind":"Status","apiVersion":"v1","status":"Failure","message":"services \"other\" not found","code":404}""");
        }

        using var http = new HttpClient();
        using var answer = await http.GetAsync(field.Prometheus.Url + path);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
    });

    private static async Task<Engine.Ports.ProbeReply> AskAsync(
        PrometheusSpec spec, string query, string comparison, SeriesRule rule = SeriesRule.One, KubernetesClient? client = null, CancellationToken cancellationToken = default)
    {
        Assert.True(Comparison.TryParse(comparison, out var wanted));
        using var prometheus = new PrometheusApi(IPrometheusDoor.Of(spec, "", "shop", client!), spec.Timeout, TimeProvider.System);
        return await new PromqlQuestion(prometheus, new PromqlProbe { Query = query, Is = wanted, Series = rule }).AskAsync(cancellationToken);
    }

    private static Task<PrometheusServer> StartWithAsync(out HttpSite exporter)
    {
        exporter = new HttpSite(() => "shop_up{pod=\"a\"} 1\nshop_up{pod=\"b\"} 1\n");
        return PrometheusServer.StartAsync(exporter.Authority);
    }

    public sealed class Field : IAsyncLifetime
    {
        private HttpSite _exporter = null!;

        internal PrometheusServer Prometheus { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Prometheus = await StartWithAsync(out _exporter);
            await Prometheus.UntilAsync("shop_up");
        }

        public async ValueTask DisposeAsync()
        {
            await Prometheus.DisposeAsync();
            await _exporter.DisposeAsync();
        }
    }
}
