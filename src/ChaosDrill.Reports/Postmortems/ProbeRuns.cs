using ChaosDrill.Model.Measures;
using ChaosDrill.Model.Timelines;
using ChaosDrill.Reports.Wording;

namespace ChaosDrill.Reports.Postmortems;

/// <summary>Tells a probe's samples in runs of the same outcome: ten thousand good answers are one line.</summary>
internal static class ProbeRuns
{
    /// <summary>A probe that flaps more often than this is told in stretches of mixed outcomes, unless every line is wanted.</summary>
    internal const int MostPerProbe = 60;

    public static IEnumerable<EventRow> Rows(DrillFacts facts, int most = MostPerProbe)
    {
        var samples = facts.Timeline.Select(e => (Entry: e, Probe: ProbeOf(e.Event))).Where(s => s.Probe is not null);
        foreach (var probe in samples.GroupBy(s => s.Probe!, s => s.Entry))
        {
            var runs = Split([.. probe.OrderBy(e => Slot(e.Event))]);
            var perRow = runs.Count <= most ? 1 : (runs.Count + most - 1) / most;
            foreach (var stretch in runs.Chunk(perRow))
            {
                yield return stretch is [var run] ? Row(probe.Key, run) : Mixed(probe.Key, stretch);
            }
        }
    }

    private static string? ProbeOf(TimelineEvent seen) => seen switch
    {
        ProbeSampled s => s.Probe,
        ProbeSlotMissed m => m.Probe,
        _ => null,
    };

    private static long Slot(TimelineEvent seen) => seen is ProbeSampled s ? s.Slot : ((ProbeSlotMissed)seen).Slot;

    // Null stands for a missed slot.
    private static SampleOutcome? OutcomeOf(TimelineEntry entry) => (entry.Event as ProbeSampled)?.Outcome;

    private static List<List<TimelineEntry>> Split(List<TimelineEntry> samples)
    {
        List<List<TimelineEntry>> runs = [];
        foreach (var sample in samples)
        {
            if (runs.Count == 0 || OutcomeOf(runs[^1][^1]) != OutcomeOf(sample))
            {
                runs.Add([]);
            }

            runs[^1].Add(sample);
        }

        return runs;
    }

    private static EventRow Row(string probe, List<TimelineEntry> run)
    {
        var name = Plain.Line(probe);
        var outcome = OutcomeOf(run[0]);
        var what = outcome switch
        {
            SampleOutcome.Success => $"Probe {name} succeeds: {Figures.Count(run.Count, "sample")}",
            SampleOutcome.Failure => $"Probe {name} fails: {Figures.Count(run.Count, "sample")}",
            SampleOutcome.Unknown => $"Probe {name} could not ask: {Figures.Count(run.Count, "sample")}",
            _ => $"Probe {name} missed {Figures.Count(run.Count, "slot")}",
        };
        var kind = outcome switch
        {
            SampleOutcome.Success => EventKind.Good,
            SampleOutcome.Failure => EventKind.Bad,
            _ => EventKind.Unknown,
        };
        return new EventRow(run[0], Last(run), kind, what, outcome is SampleOutcome.Success ? Latency(run) : Reasons(run), IsKey: outcome is not SampleOutcome.Success);
    }

    private static EventRow Mixed(string probe, List<TimelineEntry>[] runs)
    {
        var counts = runs.SelectMany(r => r).GroupBy(OutcomeOf).ToDictionary(g => g.Key?.ToString() ?? "Missed", g => g.Count());
        int Count(string outcome) => counts.GetValueOrDefault(outcome);
        return new EventRow(
            runs.MinBy(r => r[0].At)![0], runs.MaxBy(r => r[^1].At)![^1], EventKind.Bad, $"Probe {Plain.Line(probe)} comes and goes",
            $"{Figures.Count(Count("Success"))} succeeded, {Figures.Count(Count("Failure"))} failed, {Figures.Count(Count("Unknown"))} could not ask, " +
            $"{Figures.Count(Count("Missed"))} missed",
            IsKey: true);
    }

    private static TimelineEntry? Last(List<TimelineEntry> run) => run.Count > 1 ? run.MaxBy(e => e.At) : null;

    private static string Latency(List<TimelineEntry> run)
    {
        double[] times = [.. run.Select(e => (e.At - ((ProbeSampled)e.Event).SentAt).TotalSeconds).Order()];
        return times.Length == 1
            ? $"answered in {Figures.Seconds(times[0])}"
            : $"answered in {Figures.Seconds(times[times.Length / 2])} (median), at most {Figures.Seconds(times[^1])}";
    }

    private static string Reasons(List<TimelineEntry> run)
    {
        var reasons = run
            .Select(e => e.Event is ProbeSampled s ? s.Detail : ((ProbeSlotMissed)e.Event).Reason)
            .Where(d => !string.IsNullOrWhiteSpace(d))
            .GroupBy(d => Plain.Line(d))
            .OrderByDescending(g => g.Count())
            .ToList();
        var named = string.Join("; ", reasons.Take(3).Select(g => reasons.Count == 1 ? g.Key : $"{g.Count()}x {g.Key}"));
        return reasons.Count > 3 ? $"{named}; and {reasons.Count - 3} more reasons" : named;
    }
}
