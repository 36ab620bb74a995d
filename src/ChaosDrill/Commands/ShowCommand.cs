using System.CommandLine;
using System.Globalization;
using ChaosDrill.Hosting;
using ChaosDrill.Store;
using ChaosDrill.Views;

namespace ChaosDrill.Commands;

/// <summary><c>chaosdrill show</c>.</summary>
internal static class ShowCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var id = CommonOptions.DrillId();
        var (store, output) = (CommonOptions.Store(), CommonOptions.Output());
        var command = new DrillCommand("show", "Show one drill from the store: plan, events, verdict. Works for drills whose process died, too.")
        {
            Examples =
            [
                ("The newest drill", "chaosdrill show"),
                ("One drill, by the beginning of its id", "chaosdrill show storefront-pod-kill-2026"),
                ("Its whole timeline, for a program", "chaosdrill show latest --output json"),
            ],
        };
        command.Add(id);
        command.Add(output);
        command.Add(store);
        command.SetAction(parsed =>
        {
            var drill = StoredDrill.Read(parsed.GetValue(store), parsed.GetRequiredValue(id));
            if (parsed.GetValue(output) == OutputForm.Json)
            {
                Terminal.Current.Out.WriteLine(ResultJson.Of(drill.Record, drill.Judgement, drill.Summary));
            }
            else
            {
                Terminal.Current.Write(Lines(drill));
            }

            return (int)ExitCode.Pass;
        });
        return command;
    }

    private static IEnumerable<StyledLine> Lines(StoredDrill drill)
    {
        var header = drill.Record.Header;
        var started = TimeZoneInfo.ConvertTime(header.StartedAt, SystemClock.Instance.LocalTimeZone);
        yield return new StyledLine().Add(header.Id, Tone.Strong)
            .Add($"  started {started.ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture)}{(header.VirtualTime ? ", in virtual time" : "")}", Tone.Faint);
        if (drill.Summary.State != DrillState.Ended)
        {
            var (word, tone) = HistoryView.Word(drill.Summary);
            yield return new StyledLine().Add(word, tone).Add(drill.Summary.State switch
            {
                DrillState.Running => ": its process is at work",
                DrillState.Crashed => ": its process died before the drill ended; what was recorded until then is below",
                _ => ": it has no end, and it ran on another host",
            });
        }

        foreach (var line in PlanView.Full(header.Plan))
        {
            yield return line;
        }

        yield return StyledLine.Empty;
        yield return new StyledLine().Add("Events", Tone.Strong);
        var words = new EventWords(header);
        foreach (var entry in drill.Record.Timeline)
        {
            if (words.Tell(entry) is { } line)
            {
                yield return PlainView.Line(line);
            }
        }

        yield return StyledLine.Empty;
        foreach (var line in VerdictView.Of(drill.Record, drill.Judgement))
        {
            yield return line;
        }
    }
}
