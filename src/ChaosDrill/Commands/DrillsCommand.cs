using System.CommandLine;
using ChaosDrill.Hosting;
using ChaosDrill.Model.Drills;
using ChaosDrill.Views;
using ChaosDrill.Web;
using System.Text.Json;

namespace ChaosDrill.Commands;

/// <summary><c>chaosdrill drills</c>.</summary>
internal static class DrillsCommand
{
    /// <summary>Between two looks for drills that have begun.</summary>
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(1);

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var (worker, token, output) = (ScheduleCommand.Worker(), ScheduleCommand.TokenFile(), CommonOptions.Output());
        var watch = new Option<bool>("--watch") { Description = "Go on and show what happens in every drill, until Ctrl-C." };
        var command = new DrillCommand("drills", "Show what a worker that runs has started, and what it left out and why.")
        {
            Examples = [("The newest", "chaosdrill drills"), ("Live", "chaosdrill drills --watch")],
        };
        foreach (var option in (Option[])[watch, worker, token, output])
        {
            command.Add(option);
        }

        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = new WorkerClient(parsed.GetValue(worker), parsed.GetValue(token));
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
