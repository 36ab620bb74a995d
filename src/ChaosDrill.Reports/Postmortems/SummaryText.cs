using System.Globalization;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Measures;
using ChaosDrill.Model.Timelines;
using ChaosDrill.Reports.Wording;

namespace ChaosDrill.Reports.Postmortems;

/// <summary>The drill in one paragraph, made of recorded facts only.</summary>
internal static class SummaryText
{
    public static string Of(DrillFacts facts)
    {
        List<string> sentences = [Opening(facts), .. Faults(facts), .. Recoveries(facts), .. Objectives(facts), .. Checks(facts), Ending(facts)];
        return string.Join(' ', sentences.Where(s => s.Length > 0));
    }

    private static string Opening(DrillFacts facts)
    {
        var header = facts.Header;
        var where = header.Plan.Cluster.IsTwin ? "the embedded cluster (twin)" : "cluster " + Plain.Line(header.Plan.Cluster.Name);
        var times = header.Plan.Repeat > 1 && facts.End?.Ending != DrillEnding.Refused ? $", {header.Plan.Repeat} times" : "";
        var date = header.StartedAt.ToUniversalTime().ToString("yyyy-MM-dd 'at' HH:mm 'UTC'", CultureInfo.InvariantCulture);
        var verb = facts.End?.Ending == DrillEnding.Refused ? "was to run" : "ran";
        return $"On {date} scenario {Plain.Line(header.Scenario)} {verb} on {where}, namespace {Plain.Line(header.Plan.Namespace)}{times}.";
    }

    private static IEnumerable<string> Faults(DrillFacts facts)
    {
        var asked = facts.Of<FaultRequested>().ToList();
        if (asked.Count == 0)
        {
            yield return facts.End?.Ending == DrillEnding.Refused ? "" : "No fault was requested.";
            yield break;
        }

        var hit = facts.Of<FaultTookEffect>().DistinctBy(f => (f.Event.Iteration, f.Event.Step, f.Event.Target)).ToList();
        var named = string.Join(" and ", asked.Take(asked.Count > 2 ? 1 : 2).Select(f => Plain.Line(f.Event.Target.ToString())));
        var requested = asked.Count > 2 ? $"{Figures.Count(asked.Count, "fault")} were requested, the first on {named}" : $"{(asked.Count == 1 ? "One fault was" : "Two faults were")} requested, on {named}";
        yield return hit.Count == asked.Count
            ? $"{requested}; {(asked.Count == 1 ? "it was" : "all were")} seen to take effect."
            : $"{requested}; {Figures.Count(hit.Count)} of {Figures.Count(asked.Count)} {(hit.Count == 1 ? "was" : "were")} seen to take effect.";
    }

    private static IEnumerable<string> Recoveries(DrillFacts facts)
    {
        foreach (var workload in facts.Judgement.Recoveries.GroupBy(r => r.Of).Take(3))
        {
            var measure = new Measure(MeasureUnit.Seconds, [.. workload.Select(r => r.Time)]);
            if (measure.Spread is { } spread)
            {
                yield return $"{workload.Key} came back {spread.Count} times in {Figures.Seconds(spread.Min)} to {Figures.Seconds(spread.Max)} (median {Figures.Seconds(spread.Median)}).";
            }
            else if (workload.ToList() is [var one])
            {
                yield return one.Time switch
                {
                    { Value: null } => $"When {workload.Key} came back is not known.",
                    { High: null } => $"{workload.Key} had not come back after {Figures.Best(MeasureUnit.Seconds, one.Time)["at least ".Length..]}.",
                    _ => $"{workload.Key} came back in {Figures.Estimate(MeasureUnit.Seconds, one.Time)}.",
                };
            }
            else
            {
                var known = workload.Count(r => r.Time is { Value: not null, High: not null });
                yield return $"{workload.Key} was seen to come back {known} of {workload.Count()} times.";
            }
        }
    }

    private static IEnumerable<string> Objectives(DrillFacts facts)
    {
        var all = facts.Judgement.Objectives;
        if (facts.End?.Ending == DrillEnding.Refused || all.Count == 0)
        {
            yield break;
        }

        int Count(Verdict verdict) => all.Count(o => o.Verdict == verdict);
        string[] parts =
        [
            $"{Count(Verdict.Pass)} of {Figures.Count(all.Count, "objective")} {(Count(Verdict.Pass) == 1 ? "was" : "were")} met",
            Count(Verdict.Fail) > 0 ? $"{Count(Verdict.Fail)} missed" : "",
            Count(Verdict.Inconclusive) > 0 ? $"{Count(Verdict.Inconclusive)} not known" : "",
        ];
        yield return string.Join(", ", parts.Where(p => p.Length > 0)) + ".";
    }

    // What did not hold decides the drill as an objective does.
    private static IEnumerable<string> Checks(DrillFacts facts)
    {
        var checks = facts.Of<CheckMade>().Select(c => c.Event).ToList();
        foreach (var (held, words) in new[] { ((bool?)false, "did not hold"), (null, "could not be known") })
        {
            if (checks.Where(c => c.Held == held).ToList() is [var first, ..] some)
            {
                yield return $"{Figures.Count(some.Count)} of {Figures.Count(checks.Count, "check")} {words}{(some.Count > 1 ? ", the first" : "")}: {Plain.Line(first.Check).TrimEnd('.', '?')}.";
            }
        }
    }

    private static string Ending(DrillFacts facts)
    {
        var left = facts.Judgement.UndoComplete
            ? facts.Of<UndoRecorded>().Any() ? "Everything was put back." : ""
            : "Not everything was put back: a person is needed.";
        if (facts.End is not { } end)
        {
            return $"The process died before the drill ended; this is what it had recorded. {left}".TrimEnd();
        }

        return end.Ending switch
        {
            DrillEnding.Completed => left,
            _ => $"The drill {Words.Of(end.Ending)}{(end.Reason is null ? "" : ": " + Plain.Line(end.Reason).TrimEnd('.'))}. {left}".TrimEnd(),
        };
    }
}
