using System.Globalization;
using ChaosDrill.Model.Measures;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Model.Timelines;
using ChaosDrill.Reports.Charts;
using ChaosDrill.Reports.Templates;
using ChaosDrill.Reports.Wording;

namespace ChaosDrill.Reports.Postmortems;

/// <summary>What the drill took of the error budget, and which burn-rate alerts should have fired for it.</summary>
/// <remarks>
/// Time-based: a failed sample stands for one interval of its probe. Budget: (1 - target) x 30 days. The alerts are the four of
/// the multi-window, multi-burn-rate table of Google's SRE workbook: an alert fires when both its windows burn faster than its factor.
/// </remarks>
internal static class BudgetSection
{
    private const int Days = 30;

    private static readonly (string Severity, double Factor, TimeSpan Long, TimeSpan Short)[] Alerts =
    [
        ("page", 14.4, TimeSpan.FromHours(1), TimeSpan.FromMinutes(5)),
        ("page", 6, TimeSpan.FromHours(6), TimeSpan.FromMinutes(30)),
        ("ticket", 3, TimeSpan.FromDays(1), TimeSpan.FromHours(2)),
        ("ticket", 1, TimeSpan.FromDays(3), TimeSpan.FromHours(6)),
    ];

    public static Fields Of(DrillFacts facts, Pictures pictures)
    {
        List<object?> rows = [];
        foreach (var goal in facts.Header.Objectives.OfType<AvailabilityGoal>().Where(g => g.AtLeast.Value < 1))
        {
            if (facts.Header.Probes.FirstOrDefault(p => p.Name == goal.Probe) is { } probe && facts.Of<ProbeSampled>().Any(s => s.Event.Probe == goal.Probe))
            {
                rows.Add(Row(facts, goal, probe.Every, rows.Count, pictures));
            }
        }

        return new Fields { ["days"] = Days, ["rows"] = rows };
    }

    private static Fields Row(DrillFacts facts, AvailabilityGoal goal, TimeSpan every, int index, Pictures pictures)
    {
        TimeSpan[] bad = [.. facts.Of<ProbeSampled>().Where(s => s.Event.Probe == goal.Probe && s.Event.Outcome == SampleOutcome.Failure).Select(s => s.Event.SentAt).Order()];
        var unknown = facts.Of<ProbeSampled>().Count(s => s.Event.Probe == goal.Probe && s.Event.Outcome == SampleOutcome.Unknown);
        var lost = bad.Length * every;
        var budget = (1 - goal.AtLeast.Value) * TimeSpan.FromDays(Days);
        var share = lost / budget;
        return new Fields
        {
            ["subject"] = Plain.Line(goal.Subject),
            ["target"] = goal.AtLeast.ToString(),
            ["budget"] = Figures.Seconds(budget),
            ["spent"] = Figures.Seconds(lost),
            ["share"] = Figures.Share(share),
            ["unknown"] = unknown == 0 ? null : Figures.Count(unknown, "sample"),
            ["chart"] = new Markup(() => Draw(goal, share, $"budget-{index.ToString(CultureInfo.InvariantCulture)}", null)),
            ["file"] = pictures.Add($"budget-{(index + 1).ToString(CultureInfo.InvariantCulture)}.svg", () => Draw(goal, share, "budget", ChartStyle.StandAlone)),
            ["alerts"] = Alerts.Select(a => (object?)Alert(a, goal, bad, every, isWatched: facts.Header.ExpectedAlerts is not null)).ToList(),
        };
    }

    private static Fields Alert((string Severity, double Factor, TimeSpan Long, TimeSpan Short) alert, AvailabilityGoal goal, TimeSpan[] bad, TimeSpan every, bool isWatched)
    {
        var allowed = alert.Factor * (1 - goal.AtLeast.Value);

        // A factor that asks for more than everything to fail is an alert that can never fire.
        var (needsLong, needsShort) = (allowed * alert.Long, allowed * alert.Short);
        var (hadLong, hadShort) = (Most(bad, alert.Long) * every, Most(bad, alert.Short) * every);
        var firesAt = allowed > 1 ? null : FiresAt(bad, every, (alert.Long, needsLong), (alert.Short, needsShort));
        return new Fields
        {
            ["name"] = $"{alert.Severity}: {alert.Factor.ToString("0.#", CultureInfo.InvariantCulture)}x over {Span(alert.Long)} and {Span(alert.Short)}",
            ["needs"] = allowed > 1 ? "can never fire at this target" : $"more than {Figures.Seconds(needsLong)} failing within {Span(alert.Long)}",
            ["had"] = Figures.Seconds(hadLong),
            ["expected"] = firesAt is { } at ? $"should have fired at {Figures.Since(at)}" : "need not have fired",
            ["fires"] = firesAt is not null,
            ["observed"] = isWatched ? "see the alerts that fired" : "not observed by this drill",
        };
    }

    // The first instant at which both windows that end there have failed for longer than they may.
    private static TimeSpan? FiresAt(TimeSpan[] bad, TimeSpan every, (TimeSpan Length, TimeSpan Needs) far, (TimeSpan Length, TimeSpan Needs) near)
    {
        var (firstFar, firstNear) = (0, 0);
        for (var last = 0; last < bad.Length; last++)
        {
            for (; bad[last] - bad[firstFar] > far.Length; firstFar++)
            {
            }

            for (; bad[last] - bad[firstNear] > near.Length; firstNear++)
            {
            }

            if ((last - firstFar + 1) * every > far.Needs && (last - firstNear + 1) * every > near.Needs)
            {
                return bad[last];
            }
        }

        return null;
    }

    // The most failed samples that any window of this length holds.
    private static int Most(TimeSpan[] bad, TimeSpan window)
    {
        var (most, first) = (0, 0);
        for (var last = 0; last < bad.Length; last++)
        {
            while (bad[last] - bad[first] > window)
            {
                first++;
            }

            most = Math.Max(most, last - first + 1);
        }

        return most;
    }

    private static string Draw(AvailabilityGoal goal, double share, string id, string? style)
    {
        var words = $"{Figures.Share(share)} of the error budget of {Days} days";
        var canvas = new SvgCanvas(id, ChartSection.Narrow, "Error budget of " + Plain.Line(goal.Subject), words);
        canvas.Rectangle("cd-empty", 0, 20, canvas.Width, 14);
        canvas.Rectangle(share > 1 ? "cd-failure" : "cd-unknown", 0, 20, Math.Max(canvas.Width * Math.Min(share, 1), share > 0 ? 2 : 0), 14);
        canvas.Text("cd-lane", 0, 13, words);
        return canvas.Finish(36, style);
    }

    private static string Span(TimeSpan span) => span.TotalDays >= 1 ? $"{span.TotalDays:0} d" : span.TotalHours >= 1 ? $"{span.TotalHours:0} h" : $"{span.TotalMinutes:0} min";
}
