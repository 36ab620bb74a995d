using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using ChaosDrill.Hosting;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Trends;
using ChaosDrill.Store;
using ChaosDrill.Views;

namespace ChaosDrill.Commands;

/// <summary><c>chaosdrill trend</c>.</summary>
internal static class TrendCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var scenario = new Argument<string>("SCENARIO") { Description = "Name of the scenario, as \"chaosdrill history\" shows it." };
        var metric = CommonOptions.Text("--metric", "NAME", "Only this measure, such as recoveryTime. Default: every objective of the newest drill.");
        var cluster = CommonOptions.Text("--cluster", "NAME", "Drills on this cluster. Default: that of the newest drill; clusters are never mixed.");
        var limit = CommonOptions.Number("--limit", "N", "At most this many drills, the newest. Default: 100.", 1, 10_000);
        var recent = CommonOptions.Number("--recent", "N", "How many of the newest drills are judged against those before them. Default: 3.", 1, 100);
        var earlier = CommonOptions.Number("--earlier", "N", "At most how many drills before them count. Default: 30.", 1, 1000);
        var alpha = Share("--alpha", "Chance of a false alarm that is accepted, above 0 and below 1. Default: 0.05.");
        var shift = Share("--least-shift", "Share of the earlier median below which a shift is no regression. Default: 0.05.");
        var fail = new Option<bool>("--fail-on-regression") { Description = "End with 1 when a measure has regressed, and with 2 when there are too few drills to tell." };
        var (store, output) = (CommonOptions.Store(), CommonOptions.Output(csv: true));
        var command = new DrillCommand("trend", "Show how the measures of a scenario developed, and whether the newest drills are worse than those before them.")
        {
            Examples =
            [
                ("A scenario's recovery time over its drills", "chaosdrill trend storefront-pod-kill"),
                ("In a pipeline, after the nightly drill", "chaosdrill trend storefront-pod-kill --fail-on-regression"),
                ("For a spreadsheet", "chaosdrill trend storefront-pod-kill --output csv"),
            ],
        };
        command.Add(scenario);
        foreach (var option in (Option[])[metric, cluster, limit, recent, earlier, alpha, shift, fail, output, store])
        {
            command.Add(option);
        }

        command.SetAction(parsed =>
        {
            var rule = new RegressionRule();
            rule = rule with
            {
                Recent = parsed.GetValue(recent) ?? rule.Recent, Earlier = parsed.GetValue(earlier) ?? rule.Earlier,
                Alpha = parsed.GetValue(alpha) ?? rule.Alpha, LeastShift = parsed.GetValue(shift) ?? rule.LeastShift,
            };
            var series = Read(parsed.GetValue(store), parsed.GetRequiredValue(scenario), parsed.GetValue(cluster), parsed.GetValue(metric), parsed.GetValue(limit) ?? 100);
            List<(TrendSeries Series, Regression Regression)> judged = [.. series.Select(s => (s, Regression.Of(s, rule)))];
            Print(parsed.GetValue(output), judged);
            return (int)(!parsed.GetValue(fail) ? ExitCode.Pass
                : judged.Any(j => j.Regression.Verdict == RegressionVerdict.Regressed) ? ExitCode.Fail
                : judged.Any(j => j.Regression.Verdict == RegressionVerdict.Inconclusive) ? ExitCode.Inconclusive : ExitCode.Pass);
        });
        return command;
    }

    /// <summary>The drills of a scenario that may be compared: ended, on one cluster, on one sort of clock.</summary>
    /// <exception cref="CommandException">There is none, or none with that measure.</exception>
    private static IReadOnlyList<TrendSeries> Read(string? store, string scenario, string? cluster, string? metric, int limit)
    {
        using var drills = DrillStore.OpenReadOnly(Places.Store(store));
        var found = drills.History(new HistoryFilter { Scenario = scenario, Cluster = cluster, Limit = limit }).Where(d => d.State == DrillState.Ended).ToList();
        if (found.Count == 0)
        {
            var known = drills.History(new HistoryFilter { Limit = 10_000 }).Select(d => d.Scenario).Distinct().ToList();
            throw new CommandException(
                ExitCode.BadUsage, $"the store has no finished drill of \"{scenario}\"{(cluster is null ? "" : $" on cluster {cluster}")}" +
                (Model.NearestName.Of(scenario, known) is { } near && near != scenario ? $"; did you mean \"{near}\"?" : known.Count == 0 ? "; it is empty" : $"; it has {string.Join(", ", known.Take(5))}"));
        }

        // A drill that was refused or stopped measured nothing worth a trend.
        var records = found.Where(d => d.Cluster == found[0].Cluster).Select(d => drills.Read(d.Id)!).Where(r => r.End?.Ending == DrillEnding.Completed).ToList();
        var series = TrendSeries.Of(records.Where(r => r.Header.VirtualTime == records[0].Header.VirtualTime).Select(r => (r.Header, Judge.Of(r))));
        var chosen = metric is null ? series : [.. series.Where(s => s.Metric == metric)];
        return chosen.Count > 0 ? chosen : throw new CommandException(
            ExitCode.BadUsage,
            series.Count == 0 ? $"no drill of \"{scenario}\" went through every stage, so nothing was measured" : $"no objective of \"{scenario}\" measures \"{metric}\"; there is {string.Join(", ", series.Select(s => s.Metric).Distinct())}");
    }

    private static void Print(OutputForm form, List<(TrendSeries Series, Regression Regression)> judged)
    {
        switch (form)
        {
            case OutputForm.Json:
                Terminal.Current.Out.WriteLine(ResultJson.Write(new JsonArray([.. judged.Select(j => TrendView.Node(j.Series, j.Regression))])));
                break;
            case OutputForm.Csv:
                Terminal.Current.Out.Write(TrendView.Table(judged.Select(j => j.Series)));
                break;
            default:
                foreach (var (series, regression) in judged)
                {
                    Terminal.Current.Write(TrendView.Of(series, regression, Terminal.Width));
                    Terminal.Current.Write(StyledLine.Empty);
                }

                break;
        }
    }

    private static Option<double?> Share(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "SHARE",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var share) && share is > 0 and < 1)
            {
                return share;
            }

            result.AddError($"{name} is a number above 0 and below 1, such as 0.05, not \"{text}\"");
            return null;
        },
    };
}
