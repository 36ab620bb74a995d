using System.CommandLine;
using ChaosDrill.Hosting;
using ChaosDrill.Model.Drills;
using ChaosDrill.Views;
using ChaosDrill.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ChaosDrill.Commands;

/// <summary><c>chaosdrill drills</c>.</summary>
internal static class DrillsCommand
{
    /// <summary>Between two looks for drills that have begun.</summary>
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(1);

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var (reach, output) = (new WorkerReach(), CommonOptions.Output());
        var watch = new Option<bool>("--watch") { Description = "Go on and show what happens in every drill, until Ctrl-C." };
        var command = new DrillCommand("drills", "Show what a worker that runs has started, and what it left out and why.")
        {
            Examples = [("The newest", "chaosdrill drills"), ("Live", "chaosdrill drills --watch"), ("Answer a hold", "chaosdrill drills answer DRILL yes")],
        };
        command.Add(watch);
        reach.AddTo(command);
        command.Add(output);

        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = reach.Client(parsed);
            var firings = (await client.GetAsync("api/v1/firings?limit=20", cancellationToken)).AsArray();
            if (parsed.GetValue(output) == OutputForm.Json)
            {
                Terminal.Current.Out.WriteLine(ResultJson.Write(firings));
            }
            else
            {
                foreach (var firing in firings.Reverse())
                {
                    var state = (string)firing!["state"]!;
                    Terminal.Current.Write(new StyledLine()
                        .Add($"{state,-8}", state is "failed" ? Tone.Bad : state is "skipped" ? Tone.Warning : Tone.Good)
                        .Add(StyledLine.Printable($"{(string)firing["scheduledAt"]!}  {(string?)firing["drill"] ?? (string)firing["id"]!}  {(string?)firing["reason"]}")));
                }
            }

            if (parsed.GetValue(watch))
            {
                await WatchAsync(client);
            }

            return (int)ExitCode.Pass;
        });
        command.Add(Answer());
        command.Add(Abort());
        return command;
    }

    private static DrillCommand Answer()
    {
        var answer = new Argument<string>("ANSWER") { Description = "yes or no." };
        CommonOptions.AcceptOnly(answer.Validators, answer.CompletionSources, answer.Name, "yes", "no");
        return Tell("answer", "Answer the hold that a drill of a worker waits at.", answer, parsed => new JsonObject { ["answer"] = parsed.GetRequiredValue(answer) });
    }

    private static DrillCommand Abort()
    {
        var reason = CommonOptions.Text("--reason", "TEXT", "Why; it stands in the report.");
        return Tell("abort", "Stop a drill of a worker, which undoes it.", reason, parsed => new JsonObject { ["reason"] = parsed.GetValue(reason) });
    }

    private static DrillCommand Tell(string verb, string description, Symbol what, Func<ParseResult, JsonObject> body)
    {
        var drill = new Argument<string>("DRILL") { Description = "The drill's full id, as \"chaosdrill drills\" shows it." };
        var reach = new WorkerReach();
        var command = new DrillCommand(verb, description);
        command.Add(drill);
        if (what is Argument argument)
        {
            command.Add(argument);
        }
        else
        {
            command.Add((Option)what);
        }

        reach.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = reach.Client(parsed);
            var said = body(parsed);
            said["by"] = Environment.UserName;
            var id = parsed.GetRequiredValue(drill);
            var told = await client.PostAsync($"api/v1/drills/{Uri.EscapeDataString(id)}/{verb}", said, cancellationToken);
            Terminal.Current.Write(new StyledLine().Add($"{StyledLine.Printable(id)} was told: {(string)told["told"]!}", Tone.Good));
            return (int)ExitCode.Pass;
        });
        return command;
    }

    private static async Task WatchAsync(WorkerClient client)
    {
        using var stop = new CancellationTokenSource();
        using var signals = new StopSignals(_ => stop.Cancel(), () => Environment.Exit((int)ExitCode.Killed));
        var known = new HashSet<string>(StringComparer.Ordinal);
        List<Task> readers = [];
        try
        {
            while (true)
            {
                foreach (var firing in (await client.GetAsync("api/v1/firings?limit=100", stop.Token)).AsArray())
                {
                    if ((string?)firing!["state"] == "begun" && (string?)firing["drill"] is { } drill && known.Add(drill))
                    {
                        readers.Add(ReadAsync(client, drill, stop.Token));
                    }
                }

                await Task.Delay(Round, SystemClock.Instance, stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(readers);
        }
    }

    private static async Task ReadAsync(WorkerClient client, string drill, CancellationToken cancellationToken)
    {
        try
        {
            var stored = await client.GetAsync($"api/v1/drills/{Uri.EscapeDataString(drill)}", cancellationToken);
            var words = new EventWords(stored["record"]!["header"].Deserialize(DrillJson.Default.DrillHeader)!);
            await foreach (var entry in client.EventsAsync(drill, cancellationToken))
            {
                if (words.Tell(entry) is { } line)
                {
                    Terminal.Current.Out.WriteLine($"{drill}  {PlainView.Line(line).Render(int.MaxValue, Terminal.Current.Colors)}");
                }
            }

            var judged = await client.GetAsync($"api/v1/drills/{Uri.EscapeDataString(drill)}", cancellationToken);
            Terminal.Current.Out.WriteLine($"{drill}  {((string?)judged["outcome"])?.ToUpperInvariant()}  {StyledLine.Printable((string?)judged["judgement"]?["reason"] ?? "")}");
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or HttpRequestException)
        {
            // The watcher goes, or the worker does.
        }
    }
}
