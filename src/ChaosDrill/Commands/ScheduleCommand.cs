using System.CommandLine;
using System.Text.Json.Nodes;
using ChaosDrill.Views;
using ChaosDrill.Web;

namespace ChaosDrill.Commands;

/// <summary><c>chaosdrill schedule</c>.</summary>
internal static class ScheduleCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new DrillCommand("schedule", "See and steer the schedules of a worker that runs.")
        {
            Examples = [("What runs next", "chaosdrill schedule list"), ("No drills for now", "chaosdrill schedule pause '*' --reason \"incident 42\""), ("One drill, now", "chaosdrill schedule run storefront-pod-kill")],
        };
        command.Add(List());
        command.Add(Post("pause", "Pause a schedule: its runs are left out, and not made up for.", "*", hasReason: true, "paused"));
        command.Add(Post("resume", "Let a schedule go on.", "*", hasReason: false, "goes on"));
        command.Add(Post("run", "Run a scenario now, whatever its schedule says.", null, hasReason: false, "starts"));
        return command;
    }

    /// <summary>The worker to speak with.</summary>
    public static Option<string?> Worker() =>
        CommonOptions.Text("--worker", "URL", $"Where the worker listens. Default: $CHAOSDRILL_WORKER, else http://{WebOptions.Usual}.");

    /// <summary>Its token.</summary>
    public static Option<string?> TokenFile() => CommonOptions.Text("--token-file", "FILE", "File with the worker's bearer token, where it asks for one.");

    private static DrillCommand List()
    {
        var (worker, token, output) = (Worker(), TokenFile(), CommonOptions.Output());
        var command = new DrillCommand("list", "Show the scenarios of a worker, when each runs next, and files that are bad.");
        foreach (var option in (Option[])[worker, token, output])
        {
            command.Add(option);
        }

        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = new WorkerClient(parsed.GetValue(worker), parsed.GetValue(token));
            var answer = await client.GetAsync("api/v1/scenarios", cancellationToken);
            if (parsed.GetValue(output) == OutputForm.Json)
            {
                Terminal.Current.Out.WriteLine(ResultJson.Write(answer));
            }
            else
            {
                Terminal.Current.Write(Lines(answer.AsObject()));
            }

            return (int)ExitCode.Pass;
        });
        return command;
    }

    private static DrillCommand Post(string verb, string description, string? all, bool hasReason, string done)
    {
        var name = new Argument<string>("NAME") { Description = all is null ? "The scenario." : $"The scenario; {all} is all." };
        var (worker, token) = (Worker(), TokenFile());
        var reason = CommonOptions.Text("--reason", "TEXT", "Why; shown to whoever looks.");
        var command = new DrillCommand(verb, description);
        command.Add(name);
        foreach (var option in hasReason ? (Option[])[reason, worker, token] : [worker, token])
        {
            command.Add(option);
        }

        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = new WorkerClient(parsed.GetValue(worker), parsed.GetValue(token));
            var scenario = parsed.GetRequiredValue(name);
            var body = new JsonObject { ["by"] = Environment.UserName, ["reason"] = hasReason ? parsed.GetValue(reason) : null };
            var verbThere = verb == "run" ? "start" : verb;
            var answer = await client.PostAsync($"api/v1/scenarios/{Uri.EscapeDataString(scenario)}/{verbThere}", body, cancellationToken);
            var firing = verb == "run" ? $"  firing {StyledLine.Printable((string)answer["id"]!)}; watch it with: chaosdrill drills --watch" : "";
            Terminal.Current.Write(new StyledLine().Add($"{StyledLine.Printable(scenario)} {done}", Tone.Good).Add(firing));
            return (int)ExitCode.Pass;
        });
        return command;
    }

    private static IEnumerable<StyledLine> Lines(JsonObject answer)
    {
        var scenarios = answer["scenarios"]!.AsArray().Select(s => s!.AsObject()).ToList();
        if (scenarios.Count == 0)
        {
            yield return new StyledLine().Add("the worker has no scenario", Tone.Warning);
        }

        var (names, rules) = (Width(scenarios.Select(s => (string)s["name"]!)), Width(scenarios.Select(Rule)));
        foreach (var scenario in scenarios)
        {
            var line = new StyledLine().Add(StyledLine.Printable((string)scenario["name"]!).PadRight(names + 2), Tone.Strong).Add(StyledLine.Printable(Rule(scenario)).PadRight(rules + 2));
            yield return scenario["paused"] is JsonObject pause
                ? line.Add(StyledLine.Printable($"paused by {(string?)pause["by"]}{((string?)pause["reason"] is { Length: > 0 } why ? ": " + why : "")}"), Tone.Warning)
                : line.Add(scenario["next"]?.AsArray() is [{ } next, ..] ? "next " + (string)next! : scenario["schedule"] is null ? "" : "never");
        }

        foreach (var trouble in answer["troubles"]!.AsArray())
        {
            yield return new StyledLine().Add("bad  ", Tone.Bad).Add(StyledLine.Printable($"{(string)trouble!["file"]!}: {(string)trouble["trouble"]!}"));
        }
    }

    private static string Rule(JsonObject scenario) => scenario["schedule"] is { } schedule ? $"{(string)schedule["cron"]!}  {(string)schedule["timeZone"]!}" : "no schedule";

    private static int Width(IEnumerable<string> texts) => texts.Select(t => t.Length).DefaultIfEmpty().Max();
}
