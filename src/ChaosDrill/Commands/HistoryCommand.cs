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
        var since = Since();
        var limit = CommonOptions.Number("--limit", "N", "At most this many, the newest. Default: 20.", 1, MostDrills);
        var (store, output) = (CommonOptions.Store(), CommonOptions.Output());
        var command = new DrillCommand("history", "List past drills, the newest first.")
        {
            Examples =
            [
                ("The newest drills", "chaosdrill history"),
                ("What failed this week", "chaosdrill history --outcome fail --since 7d"),
                ("One scenario, for a program", "chaosdrill history --scenario storefront-pod-kill --output json"),
            ],
        };
        foreach (var option in (Option[])[scenario, outcome, since, limit, output, store])
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
                Limit = parsed.GetValue(limit) ?? 20,
            });
            if (parsed.GetValue(output) == OutputForm.Json)
            {
                Terminal.Current.Out.WriteLine(ResultJson.Of(found));
            }
            else
            {
                Terminal.Current.Write(HistoryView.Of(found, SystemClock.Instance.LocalTimeZone));
            }

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

    private static Option<DateTimeOffset?> Since() => new("--since")
    {
        Description = "Only drills started since then: a duration such as 12h or 7d, or a date such as 2026-11-21.",
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

            result.AddError($"--since is a duration such as 12h or 7d, or a date such as 2026-11-21, not \"{text}\"");
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
