using System.Text.Json;
using System.Text.Json.Nodes;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Hosting;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Store;
using ChaosDrill.Views;
using ChaosDrill.Worker;
using Microsoft.AspNetCore.Http;

namespace ChaosDrill.Web;

/// <summary>What a worker can be asked over HTTP; <c>openapi.json</c> describes it.</summary>
internal sealed class Routes(WorkerOptions options, DrillStore store, ScenarioShelf shelf, Triggers triggers, DrillRunner runner, WorkerMetrics metrics, Func<string?> unready, TimeProvider clock)
{
    private const int NextShown = 5;
    private const int MostListed = 1000;

    /// <summary>Who asks, where the request does not say.</summary>
    private const string Api = "api";

    /// <summary>Every route but the streams.</summary>
    public IEnumerable<(string Method, string Path, Func<HttpContext, Task<Answer>> Answer)> All =>
    [
        ("GET", "/healthz", _ => Now(Answer.Plain("ok\n", "text/plain"))),
        ("GET", "/readyz", _ => Now(Ready())),
        ("GET", "/metrics", _ => Now(Answer.Plain(metrics.Text(), MetricsText.MediaType))),
        ("GET", "/openapi.json", _ => Now(Answer.Plain(OpenApi, "application/json; charset=utf-8"))),
        ("GET", "/api/v1/scenarios", _ => Now(Scenarios())),
        ("GET", "/api/v1/scenarios/{name}", c => Now(Found(c) is { } s ? Answer.Ok(Of(s)) : NoScenario(c))),
        ("POST", "/api/v1/scenarios/{name}/start", StartAsync),
        ("POST", "/api/v1/scenarios/{name}/pause", PauseAsync),
        ("POST", "/api/v1/scenarios/{name}/resume", ResumeAsync),
        ("GET", "/api/v1/firings", c => Now(Answer.Ok(new JsonArray([.. store.Firings.Newest(Limit(c)).Select(Answer.Of)])))),
        ("GET", "/api/v1/drills", c => Now(History(c))),
        ("GET", "/api/v1/drills/{id}", c => Now(Drill(c))),
        ("POST", "/api/v1/drills/{id}/abort", AbortAsync),
        ("POST", "/api/v1/drills/{id}/answer", AnswerAsync),
        ("GET", "/api/v1/drills/{id}/report", c => Now(Report(c))),
    ];

    /// <summary>The description of all routes.</summary>
    public static string OpenApi
    {
        get
        {
            using var stream = typeof(Routes).Assembly.GetManifestResourceStream("openapi.json") ?? throw new InvalidOperationException("the description of the API is not built in");
            using var reader = new StreamReader(stream);
            return reader.ReadToEnd();
        }
    }

    /// <summary>The drill of this worker that a route names; null when it runs none of that id.</summary>
    public RunningDrill? Running(HttpContext context) => runner.Running.FirstOrDefault(r => r.Header?.Id == Value(context, "id"));

    /// <summary>What a route's path names.</summary>
    /// <exception cref="BadHttpRequestException">It is no name.</exception>
    public static string Value(HttpContext context, string name) => RequestBody.Storable(name, (string)context.Request.RouteValues[name]!);

    /// <summary>The answer to a route that failed.</summary>
    public static Answer Failed(Exception failure) => failure switch
    {
        BadHttpRequestException e => Answer.Error(e.StatusCode, e.Message),
        JsonException e => Answer.Error(StatusCodes.Status400BadRequest, $"the body is no JSON object: {e.Message}"),
        CommandException { Code: ExitCode.BadUsage } e => Answer.Error(StatusCodes.Status404NotFound, e.Message),
        CommandException e => Answer.Error(StatusCodes.Status409Conflict, e.Message),
        DrillLookupException e => Answer.Error(StatusCodes.Status404NotFound, e.Message),
        JournalException e => Answer.Error(StatusCodes.Status503ServiceUnavailable, e.Message),
        KubeconfigException e => Answer.Error(StatusCodes.Status503ServiceUnavailable, e.Message),
        _ => Answer.Error(StatusCodes.Status500InternalServerError, $"this is a defect in ChaosDrill: {failure.GetType().Name}: {failure.Message}"),
    };

    private static Task<Answer> Now(Answer answer) => Task.FromResult(answer);

    private static string? Query(HttpContext context, string name) => context.Request.Query[name] switch
    {
        [] => null,
        [{ } text] => RequestBody.Storable(name, text),
        _ => throw new BadHttpRequestException($"{name} is given more than once"),
    };

    private static int Limit(HttpContext context) =>
        Query(context, "limit") is { } text ? int.TryParse(text, out var limit) && limit is > 0 and <= MostListed ? limit
            : throw new BadHttpRequestException($"limit is a whole number from 1 to {MostListed}, not \"{text}\"")
        : 50;

    private Scenario? Found(HttpContext context) => shelf.Scenarios.GetValueOrDefault(Value(context, "name"));

    private Answer NoScenario(HttpContext context) => Answer.Error(
        StatusCodes.Status404NotFound,
        $"there is no scenario \"{Value(context, "name")}\" in the worker's folders; there are {(shelf.Scenarios.Count == 0 ? "none" : string.Join(", ", shelf.Scenarios.Keys.Order(StringComparer.Ordinal).Take(20)))}");

    private Answer Ready() => unready() is { } why
        ? Answer.Plain(why + "\n", "text/plain", StatusCodes.Status503ServiceUnavailable)
        : Answer.Plain("ok\n", "text/plain");

    private Answer Scenarios()
    {
        var paused = store.Firings.Paused();
        return Answer.Ok(new JsonObject
        {
            ["scenarios"] = new JsonArray([.. shelf.Scenarios.Values.OrderBy(s => s.Metadata.Name, StringComparer.Ordinal).Select(s => Of(s, paused))]),
            ["troubles"] = new JsonArray([.. shelf.Troubles.OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => new JsonObject { ["file"] = t.Key, ["trouble"] = t.Value })]),
        });
    }

    private JsonObject Of(Scenario scenario) => Of(scenario, store.Firings.Paused());

    private JsonObject Of(Scenario scenario, IReadOnlyList<Pause> paused)
    {
        var (name, schedule) = (scenario.Metadata.Name, scenario.Spec.Schedule);
        var pause = paused.FirstOrDefault(p => p.Scenario == name || p.Scenario == "*");
        var described = new JsonObject
        {
            ["name"] = name,
            ["file"] = scenario.Origin.File,
            ["description"] = scenario.Spec.Description,
            ["paused"] = pause is null ? null : new JsonObject { ["by"] = pause.By, ["reason"] = pause.Reason, ["since"] = pause.Since.ToString("O") },
        };
        if (schedule is not null)
        {
            described["schedule"] = new JsonObject { ["cron"] = schedule.Cron, ["timeZone"] = schedule.TimeZone, ["missed"] = JsonNamingPolicy.CamelCase.ConvertName(schedule.Missed.ToString()) };
            described["next"] = new JsonArray([.. CronTimes.After(schedule, clock.GetUtcNow()).Take(NextShown).Select(t => (JsonNode)TimeZoneInfo.ConvertTime(t, CronTimes.Zone(schedule)).ToString("O"))]);
        }

        return described;
    }

    private async Task<Answer> StartAsync(HttpContext context)
    {
        var askedBy = (await RequestBody.ReadAsync(context, "by")).GetValueOrDefault("by", Api);
        if (Found(context) is null)
        {
            return NoScenario(context);
        }

        var firing = triggers.Start(Value(context, "name"), askedBy);
        return Answer.Ok(Answer.Of(firing), firing.State == FiringState.Skipped ? StatusCodes.Status409Conflict : StatusCodes.Status202Accepted);
    }

    private async Task<Answer> PauseAsync(HttpContext context)
    {
        var body = await RequestBody.ReadAsync(context, "by", "reason");
        if (Found(context) is null && Value(context, "name") != "*")
        {
            return NoScenario(context);
        }

        store.Firings.Stop(new Pause(Value(context, "name"), body.GetValueOrDefault("by", Api), body.GetValueOrDefault("reason", ""), clock.GetUtcNow()));
        return Paused();
    }

    private async Task<Answer> ResumeAsync(HttpContext context)
    {
        _ = await RequestBody.ReadAsync(context, "by");
        return store.Firings.Resume(Value(context, "name"))
            ? Paused()
            : Answer.Error(StatusCodes.Status409Conflict, $"the schedule of \"{Value(context, "name")}\" is not paused{(store.Firings.Paused().Any(p => p.Scenario == "*") ? "; all schedules are, as \"*\"" : "")}");
    }

    private Answer Paused() => Answer.Ok(new JsonArray([.. store.Firings.Paused().Select(p =>
        new JsonObject { ["scenario"] = p.Scenario, ["by"] = p.By, ["reason"] = p.Reason, ["since"] = p.Since.ToString("O") })]));

    private Answer History(HttpContext context)
    {
        DrillOutcome? outcome = Query(context, "outcome") is { } word
            ? Enum.TryParse<DrillOutcome>(word, ignoreCase: true, out var parsed) && Enum.IsDefined(parsed) && !char.IsDigit(word[0]) ? parsed
                : throw new BadHttpRequestException($"outcome is pass, fail, inconclusive, refused or aborted, not \"{word}\"")
            : null;
        return Answer.Plain(
            ResultJson.Of(store.History(new HistoryFilter { Scenario = Query(context, "scenario"), Outcome = outcome, Limit = Limit(context) })),
            "application/json; charset=utf-8");
    }

    private Answer Drill(HttpContext context)
    {
        var id = Value(context, "id");
        return store.Find(id) is { } summary && store.Read(summary.Id) is { } record
            ? Answer.Plain(ResultJson.Of(record, Judge.Of(record), summary), "application/json; charset=utf-8")
            : Answer.Error(StatusCodes.Status404NotFound, "the store holds no drill yet");
    }

    private async Task<Answer> AbortAsync(HttpContext context)
    {
        var body = await RequestBody.ReadAsync(context, "by", "reason");
        return Tell(context, new Word(Value(context, "id"), Word.Abort, body.GetValueOrDefault("by", Api), body.GetValueOrDefault("reason", "")));
    }

    private async Task<Answer> AnswerAsync(HttpContext context)
    {
        var body = await RequestBody.ReadAsync(context, "answer", "by");
        return body.GetValueOrDefault("answer") is Word.Yes or Word.No
            ? Tell(context, new Word(Value(context, "id"), body["answer"], body.GetValueOrDefault("by", Api), ""))
            : throw new BadHttpRequestException("answer is \"yes\" or \"no\"");
    }

    /// <summary>To the drill, where it runs here; else to whichever worker of the store runs it.</summary>
    private Answer Tell(HttpContext context, Word word)
    {
        if (Running(context) is { } drill)
        {
            return drill.Hear(word)
                ? Answer.Ok(new JsonObject { ["drill"] = word.Drill, ["told"] = word.Verb }, StatusCodes.Status202Accepted)
                : Answer.Error(StatusCodes.Status409Conflict, $"drill {word.Drill} waits for no answer now");
        }

        var known = store.Find(word.Drill);
        if (known?.State == DrillState.Running && store.IsShared && known.Id == word.Drill && store.Firings.Open().Any(f => f.Drill == known.Id))
        {
            store.Firings.Say(word);
            return Answer.Ok(new JsonObject { ["drill"] = word.Drill, ["told"] = word.Verb }, StatusCodes.Status202Accepted);
        }

        return Answer.Error(
            StatusCodes.Status409Conflict,
            known?.State == DrillState.Running ? $"drill {known.Id} is run by another process; speak with it there" : $"drill {known?.Id ?? word.Drill} does not run");
    }

    private Answer Report(HttpContext context)
    {
        var format = Query(context, "format") ?? "html";
        var (file, mediaType) = format switch
        {
            "html" => ("postmortem.html", "text/html; charset=utf-8"),
            "md" => ("postmortem.md", "text/markdown; charset=utf-8"),
            "json" => ("drill.json", "application/json; charset=utf-8"),
            "junit" => ("junit.xml", "application/xml; charset=utf-8"),
            _ => throw new BadHttpRequestException($"format is html, md, json or junit, not \"{format}\""),
        };
        if (store.Find(Value(context, "id")) is not { } summary || store.Read(summary.Id) is not { } record)
        {
            return Answer.Error(StatusCodes.Status404NotFound, "the store holds no drill yet");
        }

        // The id is the store's, not the request's: nobody chooses a path.
        var folder = Places.Report(options.Reports, summary.Id);
        if (!File.Exists(Path.Combine(folder, file)))
        {
            using var key = Sealing.Key(options.SignKey);
            _ = Reporting.Write(folder, record, Judge.Of(record), options.Templates, store, key);
        }

        return Answer.Plain(File.ReadAllText(Path.Combine(folder, file)), mediaType);
    }
}
