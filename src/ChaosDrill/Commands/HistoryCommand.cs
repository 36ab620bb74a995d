using System.CommandLine;
using System.Globalization;
using ChaosDrill.Hosting;
using ChaosDrill.Model;
using ChaosDrill.Model.Drills;
using ChaosDrill.Store;
using ChaosDrill.Views;

namespace ChaosDrill.Commands;

/// <summary><c>chaosdrill history</c>.</summary>
internal static class HistoryCommand
{
    private const int MostDrills = 10_000;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var scenario = CommonOptions.Text("--scenario", "NAME", "Only drills of this scenario.");
        var outcome = Outcome();
        var since = Instant("--since", "Only drills started since then");
        var until = Instant("--until", "Only drills started until then");
        var cluster = CommonOptions.Text("--cluster", "NAME", "Only drills on this cluster, as the list names it.");
        var limit = CommonOptions.Number("--limit", "N", "At most this many, the newest. Default: 20.", 1, MostDrills);
        var (store, output) = (CommonOptions.Store(), CommonOptions.Output(csv: true));
        var command = new DrillCommand("history", "List past drills, the newest first.")
        {
            Examples =
            [
                ("The newest drills", "chaosdrill history"),
                ("What failed this week", "chaosdrill history --outcome fail --since 7d"),
                ("One scenario, for a program", "chaosdrill history --scenario storefront-pod-kill --output json"),
            ],
        };
        foreach (var option in (Option[])[scenario, outcome, since, until, cluster, limit, output, store])
        {
            command.Add(option);
        }

        command.SetAction(parsed =>
        {
            using var drills = DrillStore.OpenReadOnly(Places.Store(parsed.GetValue(store)));
            var found = drills.History(new HistoryFilter
            {
                Scenario = parsed.GetValue(scenario),
                Outcome = parsed.GetValue(outcome),
                Since = parsed.GetValue(since),
                Until = parsed.GetValue(until),
                Cluster = parsed.GetValue(cluster),
                Limit = parsed.GetValue(limit) ?? 20,
            });
            switch (parsed.GetValue(output))
            {
                case OutputForm.Json:
                    Terminal.Current.Out.WriteLine(ResultJson.Of(found));
                    break;
                case OutputForm.Csv:
                    Terminal.Current.Out.Write(HistoryView.Table(found));
                    break;
                default:
                    Terminal.Current.Write(HistoryView.Of(found, SystemClock.Instance.LocalTimeZone));
                    break;
            }

            return (int)ExitCode.Pass;
        });
        command.Add(Prune());
        return command;
    }

    private static DrillCommand Prune()
    {
        var older = Instant("--older-than", "Delete drills started before then");
        var keep = CommonOptions.Number("--keep", "N", "Keep the newest N drills of each scenario.", 1, 1_000_000);
        var dry = new Option<bool>("--dry-run") { Description = "Delete nothing; list what would be deleted." };
        var store = CommonOptions.Store();
        var command = new DrillCommand("prune", "Delete old drills for good. A drill that runs, or left something that is not put back, stays.")
        {
            Examples =
            [
                ("What would go?", "chaosdrill history prune --older-than 90d --dry-run"),
                ("Keep the newest hundred of each scenario", "chaosdrill history prune --keep 100"),
                ("Both: only what is old and not among the newest ten", "chaosdrill history prune --older-than 90d --keep 10"),
            ],
        };
        foreach (var option in (Option[])[older, keep, dry, store])
        {
            command.Add(option);
        }

        command.SetAction(parsed =>
        {
            if (parsed.GetValue(older) is null && parsed.GetValue(keep) is null)
            {
                throw new CommandException(ExitCode.BadUsage, "\"prune\" needs --older-than, --keep or both; see \"chaosdrill history prune --help\"");
            }

            var path = Places.Store(parsed.GetValue(store));
            using var drills = DrillStore.OpenReadOnly(path);
            List<DrillSummary> old =
            [
                .. drills.History(new HistoryFilter { Limit = int.MaxValue }).GroupBy(d => d.Scenario).SelectMany(g => g.Skip(parsed.GetValue(keep) ?? 0))
                    .Where(d => d.State is DrillState.Ended or DrillState.Crashed && d.UndoComplete && (parsed.GetValue(older) is not { } before || d.StartedAt < before)),
            ];
            var delete = !parsed.GetValue(dry);
            if (delete && old.Count > 0)
            {
                using var writing = DrillStore.Open(path);
                writing.Delete([.. old.Select(d => d.Id)]);
            }

            foreach (var drill in old)
            {
                Terminal.Current.Write(new StyledLine().Add(drill.Id));
            }

            Terminal.Current.Write(new StyledLine().Add($"{Model.Measures.Figures.Count(old.Count, "drill")} {(delete ? "deleted" : "would be deleted")}", Tone.Faint));
            return (int)ExitCode.Pass;
        });
        return command;
    }

    private static Option<DrillOutcome?> Outcome()
    {
        var words = Enum.GetNames<DrillOutcome>().Select(n => n.ToLowerInvariant()).ToArray();
        var option = new Option<DrillOutcome?>("--outcome")
        {
            Description = $"Only drills that ended so: {string.Join(", ", words)}.",
            HelpName = "OUTCOME",
            CustomParser = result =>
            {
                var text = result.Tokens[0].Value;
                if (words.Contains(text) && Enum.TryParse<DrillOutcome>(text, ignoreCase: true, out var outcome))
                {
                    return outcome;
                }

                result.AddError($"--outcome is {string.Join(", ", words[..^1])} or {words[^1]}, not \"{text}\"");
                return null;
            },
        };
        option.CompletionSources.Clear();
        option.CompletionSources.Add(words);
        return option;
    }

    private static Option<DateTimeOffset?> Instant(string name, string description) => new(name)
    {
        Description = description + ": a duration such as 12h or 7d (so long ago), or a date such as 2026-11-21.",
        HelpName = "TIME",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (GoDuration.TryParse(text, out var ago) || TryDays(text, out ago))
            {
                return SystemClock.Instance.GetUtcNow() - ago;
            }

            if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out var date) && text.Length >= "2026-11-21".Length)
            {
                return date;
            }

            result.AddError($"{name} is a duration such as 12h or 7d, or a date such as 2026-11-21, not \"{text}\"");
            return null;
        },
    };

    private static bool TryDays(string text, out TimeSpan days)
    {
        var read = text.EndsWith('d') && int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count <= 36_500;
        days = read ? TimeSpan.FromDays(int.Parse(text[..^1], CultureInfo.InvariantCulture)) : TimeSpan.Zero;
        return read;
    }
}
