using System.Globalization;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Measures;
using ChaosDrill.Model.Trends;
using ChaosDrill.Reports.Charts;
using ChaosDrill.Reports.Templates;
using ChaosDrill.Reports.Wording;

namespace ChaosDrill.Reports.Postmortems;

/// <summary>The drill beside earlier ones of its scenario: a table, the recovery time over the last drills, and a calendar of nights.</summary>
internal static class HistorySection
{
    public static Fields Of(DrillFacts facts, IReadOnlyList<(DrillHeader Header, Judgement Judgement)> earlier, Pictures pictures)
    {
        List<(DrillHeader Header, Judgement Judgement)> comparable =
        [
            .. earlier.Where(e => e.Header.Scenario == facts.Header.Scenario && e.Header.Id != facts.Header.Id && e.Header.StartedAt <= facts.Header.StartedAt
                && e.Header.Plan.Cluster.Name == facts.Header.Plan.Cluster.Name && e.Header.VirtualTime == facts.Header.VirtualTime).OrderBy(e => e.Header.StartedAt),
        ];
        var previous = comparable.Count > 0 ? comparable[^1] : default;
        var now = TrendSeries.Of([(facts.Header, facts.Judgement)]);
        var all = TrendSeries.Of([.. comparable, (facts.Header, facts.Judgement)]);
        var times = all.Where(s => s.Metric is "recoveryTime" or "restoreTime" && s.Points.Count > 1).Take(3).ToList();
        string? Calendar(string? style) => comparable.Count == 0 ? null : CalendarChart.Draw([.. comparable, (facts.Header, facts.Judgement)], facts.Zone, style);
        return new Fields
        {
            ["any"] = comparable.Count > 0,
            ["drills"] = Figures.Count(comparable.Count, "earlier drill"),
            ["previous"] = previous.Header is null ? null : Plain.Line(previous.Header.Id),
            ["previousOutcome"] = previous.Judgement?.Outcome.ToString().ToLowerInvariant(),
            ["scenarioChanged"] = previous.Header is not null && previous.Header.Source.Digest != facts.Header.Source.Digest,
            ["rows"] = comparable.Count == 0 ? [] : all.Zip(now).Select(p => (object?)Row(p.First, p.Second, facts.Header.Id)).ToList(),
            ["charts"] = times.Select((s, i) => (object?)new Fields
            {
                ["title"] = $"{Words.Metric(s.Goal)} of {Plain.Line(s.Subject)}",
                ["wide"] = new Markup(() => TrendChart.Draw(s, $"trend-{i.ToString(CultureInfo.InvariantCulture)}-wide", ChartSection.Wide)),
                ["narrow"] = new Markup(() => TrendChart.Draw(s, $"trend-{i.ToString(CultureInfo.InvariantCulture)}-narrow", ChartSection.Narrow)),
                ["file"] = pictures.Add($"trend-{(i + 1).ToString(CultureInfo.InvariantCulture)}.svg", () => TrendChart.Draw(s, "trend", ChartSection.Wide, ChartStyle.StandAlone)),
            }).ToList(),
            ["calendar"] = new Markup(() => Calendar(null) ?? ""),
            ["calendarFile"] = pictures.Add("calendar.svg", () => Calendar(ChartStyle.StandAlone)),
        };
    }

    private static Fields Row(TrendSeries all, TrendSeries now, string id)
    {
        var before = all with { Points = [.. all.Points.Where(p => p.Drill.Id != id)] };
        var regression = Regression.Of(all, new RegressionRule { Recent = 1, Alpha = 0.05 });
        string Said(Spread? spread, Func<Spread, double> value) =>
            spread is null ? "-" : double.IsInfinity(value(spread)) ? "never" : Figures.Value(all.Unit, value(spread), all.Limit);
        return new Fields
        {
            ["metric"] = Words.Metric(all.Goal),
            ["subject"] = Plain.Line(all.Subject),
            ["now"] = Said(now.Spread, s => s.Median),
            ["median"] = Said(before.Spread, s => s.Median),
            ["p95"] = Said(before.Spread, s => s.P95),
            ["n"] = before.Points.Count,
            ["verdict"] = regression.Verdict switch
            {
                RegressionVerdict.Regressed => "worse than earlier drills",
                RegressionVerdict.Steady => "within what earlier drills showed",
                _ => "too few drills to tell",
            },
            ["class"] = regression.Verdict switch { RegressionVerdict.Regressed => "fail", RegressionVerdict.Steady => "pass", _ => "inconclusive" },
            ["reason"] = regression.Reason,
        };
    }
}
