using System.CommandLine;
using System.Text.Json.Nodes;
using ChaosDrill.Views;

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

    private static DrillCommand List()
    {
        var (reach, output) = (new WorkerReach(), CommonOptions.Output());
        var command = new DrillCommand("list", "Show the scenarios of a worker, when each runs next, and files that are bad.");
        reach.AddTo(command);
        command.Add(output);

        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = reach.Client(parsed);
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
        var reach = new WorkerReach();
        var reason = CommonOptions.Text("--reason", "TEXT", "Why; shown to whoever looks.");
        var command = new DrillCommand(verb, description);
        command.Add(name);
        if (hasReason)
        {
            command.Add(reason);
        }

        reach.AddTo(command);

        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = reach.Client(parsed);
            var scenario = parsed.GetRequiredValue(name);
            var body = new JsonObject { ["by"] = Environment.UserName };
            if (hasReason)
            {
                body["reason"] = parsed.GetValue(reason);
            }

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
