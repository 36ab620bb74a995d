using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ChaosDrill.Testing;
using ChaosDrill.Tests.Process;
using ChaosDrill.Web;

namespace ChaosDrill.Tests.Worker;

/// <summary>A real worker's HTTP side, asked as curl, Prometheus and strangers ask.</summary>
public sealed partial class WorkerServerTests
{
    [Theory]
    [InlineData("0.0.0.0:8686")]
    [InlineData("[::]:8686")]
    [InlineData("192.0.2.1:8686")]
    public void Read_AnyOtherAddressWithoutTlsAndToken_IsRefused(string listen)
    {
        var refused = Assert.Throws<CommandException>(() => WebOptions.Read(listen, null, null, null));
        Assert.Equal(ExitCode.Refused, refused.Code);
        Assert.Contains("give --tls-certificate, --tls-key and --token-file", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("8686")]
    [InlineData("127.0.0.1")]
    [InlineData("localhost:8686")]
    [InlineData("127.0.0.1:http")]
    public void Read_NoAddress_SaysWhatOneIs(string listen) =>
        Assert.Equal(ExitCode.BadUsage, Assert.Throws<CommandException>(() => WebOptions.Read(listen, null, null, null)).Code);

    [Fact]
    public async Task Worker_OnLoopback_ServesEveryRouteThatItsDescriptionNames()
    {
        await using var field = await WorkerField.LayAsync();
        field.Write(schedule: "cron: \"0 3 * * *\", timeZone: Europe/Berlin");
        field.Write(waits: "5m", name: "long");
        File.WriteAllText(Path.Combine(field.Scenarios, "bad.yaml"), "nonsense");
        using var worker = field.Start();
        using var http = await ReachAsync(worker);
        Assert.Equal("ok\n", await http.GetStringAsync("/healthz"));
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/readyz")).StatusCode);

        // Scenarios and their next firings.
        using var listed = JsonDocument.Parse(await http.GetStringAsync("/api/v1/scenarios"));
        var scheduled = listed.RootElement.GetProperty("scenarios").EnumerateArray().Single(s => s.GetProperty("name").GetString() == WorkerField.Name);
        Assert.Equal(5, scheduled.GetProperty("next").GetArrayLength());
        Assert.Contains("T03:00:00", scheduled.GetProperty("next")[0].GetString(), StringComparison.Ordinal);
        Assert.EndsWith("bad.yaml", Assert.Single(listed.RootElement.GetProperty("troubles").EnumerateArray()).GetProperty("file").GetString(), StringComparison.Ordinal);

        // Pause and resume, and who did it.
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(http, $"/api/v1/scenarios/{WorkerField.Name}/pause", """{"by":"eve","reason":"incident"}""")).StatusCode);
        Assert.Contains("\"reason\":\"incident\"", await http.GetStringAsync($"/api/v1/scenarios/{WorkerField.Name}"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(http, $"/api/v1/scenarios/{WorkerField.Name}/resume")).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await PostAsync(http, $"/api/v1/scenarios/{WorkerField.Name}/resume")).StatusCode);

        // Start, overlap, events, abort.
        var started = await PostAsync(http, "/api/v1/scenarios/long/start", """{"by":"adam"}""");
        Assert.Equal(HttpStatusCode.Accepted, started.StatusCode);
        using var firing = JsonDocument.Parse(await started.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.Conflict, (await PostAsync(http, $"/api/v1/scenarios/{WorkerField.Name}/start")).StatusCode);
        var begun = await field.UntilAsync(firing.RootElement.GetProperty("id").GetString()!, f => f.Drill is not null);
        await worker.UntilAsync("step ends: Done");
        var events = EventsAsync(http, begun.Drill!);
        Assert.Equal(HttpStatusCode.Accepted, (await PostAsync(http, $"/api/v1/drills/{begun.Drill}/abort", """{"by":"eve","reason":"enough"}""")).StatusCode);
        var seen = await events;
        Assert.Contains(seen, e => e.Contains("\"type\":\"faultTookEffect\"", StringComparison.Ordinal));
        Assert.Contains(seen, e => e.Contains("stopped by eve: enough", StringComparison.Ordinal));
        Assert.Contains(seen, e => e.Contains("\"type\":\"undoFinished\"", StringComparison.Ordinal));
        await field.UntilAsync(begun.Id, f => f.State == Store.FiringState.Ended);
        Assert.Equal(HttpStatusCode.Conflict, (await PostAsync(http, $"/api/v1/drills/{begun.Drill}/abort")).StatusCode);
        Assert.Equal(seen, await EventsAsync(http, begun.Drill!));

        // History, one drill, its report in each form.
        Assert.Contains("\"outcome\": \"aborted\"", await http.GetStringAsync("/api/v1/drills?outcome=aborted"), StringComparison.Ordinal);
        Assert.Contains(begun.Drill!, await http.GetStringAsync("/api/v1/drills/latest"), StringComparison.Ordinal);
        foreach (var (format, begins) in new[] { ("html", "<!doctype html>"), ("md", "# "), ("json", "{"), ("junit", "<?xml") })
        {
            Assert.StartsWith(begins, await http.GetStringAsync($"/api/v1/drills/{begun.Drill}/report?format={format}"), StringComparison.OrdinalIgnoreCase);
        }

        // Wrong questions get an answer in words.
        foreach (var (path, status) in new[]
        {
            ("/api/v1/scenarios/nobody", 404), ("/api/v1/drills/nobody", 404), ("/api/v1/drills/nobody/events", 404), ("/api/v1/nothing", 404), ("/api/v1/firings?limit=0", 400),
            ("/api/v1/drills?outcome=green", 400), ($"/api/v1/drills/{begun.Drill}/report?format=pdf", 400), ("/api/v1/drills/..%2f..%2fetc/report", 404),
        })
        {
            var answer = await http.GetAsync(path);
            Assert.Equal((path, status), (path, (int)answer.StatusCode));
            Assert.Contains("\"error\":", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(http, "/api/v1/scenarios/long/start", "[1]")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(http, "/api/v1/scenarios/long/start", "{")).StatusCode);

        // The description names every route, and no other.
        using var described = JsonDocument.Parse(await http.GetStringAsync("/openapi.json"));
        var named = described.RootElement.GetProperty("paths").EnumerateObject().SelectMany(p => p.Value.EnumerateObject().Select(m => $"{m.Name.ToUpperInvariant()} {p.Name}"));
        string[] asked =
        [
            "GET /api/v1/drills", "GET /api/v1/drills/{id}", "GET /api/v1/drills/{id}/events", "GET /api/v1/drills/{id}/report", "GET /api/v1/firings", "GET /api/v1/scenarios",
            "GET /api/v1/scenarios/{name}", "GET /healthz", "GET /metrics", "GET /openapi.json", "GET /readyz", "POST /api/v1/drills/{id}/abort", "POST /api/v1/drills/{id}/answer",
            "POST /api/v1/scenarios/{name}/pause", "POST /api/v1/scenarios/{name}/resume", "POST /api/v1/scenarios/{name}/start",
        ];
        Assert.Equal(asked, named.Order(StringComparer.Ordinal));

        var metrics = await http.GetStringAsync("/metrics");
        Assert.Contains("chaosdrill_drills_total{scenario=\"long\",outcome=\"aborted\"} 1", metrics, StringComparison.Ordinal);
        Assert.Contains("chaosdrill_undo_outstanding 0", metrics, StringComparison.Ordinal);
        Assert.Contains("chaosdrill_scenario_files_bad 1", metrics, StringComparison.Ordinal);
        await PromtoolAsync(metrics);

        // The same by the command line.
        var url = http.BaseAddress!.ToString();
        var list = await field.RunAsync("schedule", "list", "--worker", url);
        Assert.Contains("0 3 * * *  Europe/Berlin", list.Out, StringComparison.Ordinal);
        Assert.Contains("bad.yaml", list.Out, StringComparison.Ordinal);
        Assert.Equal(0, (await field.RunAsync("schedule", "pause", "*", "--reason", "night", "--worker", url)).Code);
        Assert.Contains("paused by", (await field.RunAsync("schedule", "list", "--worker", url)).Out, StringComparison.Ordinal);
        Assert.Equal(0, (await field.RunAsync("schedule", "resume", "*", "--worker", url)).Code);
        Assert.Equal(64, (await field.RunAsync("schedule", "run", "nobody", "--worker", url)).Code);
        Assert.Equal(0, (await field.RunAsync("schedule", "run", WorkerField.Name, "--worker", url)).Code);
        await worker.UntilAsync("drill ends: Pass");
        Assert.Contains("Pass: the objective is met", (await field.RunAsync("drills", "--worker", url)).Out, StringComparison.Ordinal);
        worker.Signal("TERM");
        Assert.Equal(0, (await worker.EndAsync()).Code);
        field.AssertClean();
    }

    [Fact]
    public async Task Prometheus_TheRealOne_ScrapesTheMetrics()
    {
        await using var field = await WorkerField.LayAsync();
        field.Write();
        var id = field.Ask();
        using var worker = field.Start();
        using var http = await ReachAsync(worker);
        await field.UntilAsync(id, f => f.State == Store.FiringState.Ended);
        await using var prometheus = new PrometheusServer(http.BaseAddress!.Authority);

        var answer = await prometheus.UntilAsync("chaosdrill_drills_total{scenario=\"scale-to-zero\",outcome=\"pass\"}");
        Assert.Contains("\"1\"", answer, StringComparison.Ordinal);
        Assert.Contains("\"limit\":\"at most 1m\"", await prometheus.UntilAsync("chaosdrill_objective_seconds"), StringComparison.Ordinal);
        Assert.Contains("\"up\"", await prometheus.UntilAsync("up == 1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Worker_WithAToken_TurnsAwayWhoeverDoesNotKnowItOnEveryRoute()
    {
        await using var field = await WorkerField.LayAsync();
        field.Write();
        var token = new string('t', 40);
        await File.WriteAllTextAsync(Path.Combine(field.Folder, "token"), token + "\n");
        using var worker = field.Start("--token-file", "token");
        using var http = await ReachAsync(worker);
        foreach (var (method, path) in Paths())
        {
            using var none = await http.SendAsync(new HttpRequestMessage(method, path));
            using var wrong = await http.SendAsync(new HttpRequestMessage(method, path) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token + "t") } });
            var open = path is "/healthz" or "/readyz";
            Assert.Equal((path, open ? 200 : 401), (path, (int)none.StatusCode));
            Assert.Equal((path, open ? 200 : 401), (path, (int)wrong.StatusCode));
        }

        using var right = await http.SendAsync(new HttpRequestMessage(HttpMethod.Get, "/metrics") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } });
        Assert.Equal(HttpStatusCode.OK, right.StatusCode);
        Assert.Equal(0, (await field.RunAsync("schedule", "list", "--worker", http.BaseAddress!.ToString(), "--token-file", "token")).Code);
        Assert.Equal(3, (await field.RunAsync("schedule", "list", "--worker", http.BaseAddress!.ToString())).Code);
    }

    [Fact]
    public async Task Worker_AskedByAPageOfAnotherSite_TurnsItAwayOnEveryRoute()
    {
        await using var field = await WorkerField.LayAsync();
        field.Write();
        using var worker = field.Start();
        using var http = await ReachAsync(worker);
        foreach (var (method, path) in Paths().Where(p => p.Path is not ("/healthz" or "/readyz")))
        {
            using var foreign = new HttpRequestMessage(method, path);
            foreign.Headers.Add("Origin", "https://evil.example");
            using var rebound = new HttpRequestMessage(method, path);
            rebound.Headers.Host = "evil.example";
            Assert.Equal((path, 403), (path, (int)(await http.SendAsync(foreign)).StatusCode));
            Assert.Equal((path, 403), (path, (int)(await http.SendAsync(rebound)).StatusCode));
        }
    }

    [Fact]
    public async Task Schedule_NoWorker_SaysHowToStartOne()
    {
        using var chaosdrill = new Chaosdrill();
        var ended = await chaosdrill.RunAsync("schedule", "list", "--worker", "http://127.0.0.1:1");

        Assert.Equal(3, ended.Code);
        Assert.Contains("no worker answers at http://127.0.0.1:1/", ended.Error, StringComparison.Ordinal);
        Assert.Equal(64, (await chaosdrill.RunAsync("schedule", "list", "--worker", "nowhere")).Code);
    }

    private static IEnumerable<(HttpMethod Method, string Path)> Paths()
    {
        using var described = JsonDocument.Parse(Routes.OpenApi);
        return
        [
            .. described.RootElement.GetProperty("paths").EnumerateObject().SelectMany(p => p.Value.EnumerateObject().Select(m =>
                (new HttpMethod(m.Name.ToUpperInvariant()), p.Name.Replace("{name}", WorkerField.Name, StringComparison.Ordinal).Replace("{id}", "latest", StringComparison.Ordinal)))),
        ];
    }

    internal static async Task<HttpClient> ReachAsync(Chaosdrill.Running worker)
    {
        var said = await worker.UntilAsync("worker is ready");
        return new HttpClient { BaseAddress = new Uri(Listens().Match(said).Groups[1].Value) };
    }

    private static Task<HttpResponseMessage> PostAsync(HttpClient http, string path, string? body = null) =>
        http.PostAsync(path, body is null ? null : new StringContent(body, Encoding.UTF8, "application/json"));

    private static async Task<List<string>> EventsAsync(HttpClient http, string drill)
    {
        using var reader = new StreamReader(await http.GetStreamAsync($"/api/v1/drills/{drill}/events"));
        List<string> events = [];
        while (await reader.ReadLineAsync() is { } line && line != "event: end")
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                events.Add(line);
            }
        }

        return events;
    }

    private static async Task PromtoolAsync(string metrics)
    {
        using var promtool = System.Diagnostics.Process.Start(new ProcessStartInfo("promtool", ["check", "metrics"]) { RedirectStandardInput = true, RedirectStandardError = true, RedirectStandardOutput = true })!;
        await promtool.StandardInput.WriteAsync(metrics);
        promtool.StandardInput.Close();
        var said = await promtool.StandardError.ReadToEndAsync() + await promtool.StandardOutput.ReadToEndAsync();
        await promtool.WaitForExitAsync();
        Assert.True(promtool.ExitCode == 0 && said.Length == 0, $"promtool check metrics ends with {promtool.ExitCode}: {said}\n{metrics}");
    }

    [GeneratedRegex("worker listens url=(\\S+)")]
    private static partial Regex Listens();
}
