using ChaosDrill.Model.Measures;
using ChaosDrill.Model.Timelines;
using ChaosDrill.Reports.Charts;
using ChaosDrill.Reports.Templates;
using ChaosDrill.Reports.Wording;

namespace ChaosDrill.Reports.Postmortems;

/// <summary>The drawn timeline, and the same in words.</summary>
internal static class ChartSection
{
    internal const double Wide = 940;

    internal const double Narrow = 358;

    public static Fields Of(DrillFacts facts, ChartData data, Pictures pictures)
    {
        var words = InWords(facts);
        return new Fields
        {
            ["isEmpty"] = data.IsEmpty,
            ["style"] = new Markup(ChartStyle.Css),
            ["wide"] = new Markup(() => data.IsEmpty ? "" : TimelineChart.Draw(data, Whole(facts, data, "timeline-wide", Wide))),
            ["narrow"] = new Markup(() => data.IsEmpty ? "" : TimelineChart.Draw(data, Whole(facts, data, "timeline-narrow", Narrow))),
            ["file"] = pictures.Add("timeline.svg", () => data.IsEmpty ? null : TimelineChart.Draw(data, Whole(facts, data, "timeline", Wide) with { Style = ChartStyle.StandAlone })),
            ["text"] = new Markup(() => data.IsEmpty ? "" : TextTimeline.Draw(data), isCode: true),
            ["words"] = words.Select(w => (object?)w).ToList(),
        };
    }

    private static ChartFrame Whole(DrillFacts facts, ChartData data, string id, double width) => new()
    {
        Id = id,
        Width = width,
        From = TimeSpan.Zero,
        To = data.Length,
        Title = "Timeline of drill " + Plain.Line(facts.Header.Id),
        Description = string.Join(' ', InWords(facts)),
    };

    private static List<string> InWords(DrillFacts facts)
    {
        List<string> words = [];
        foreach (var fault in facts.Of<FaultTookEffect>().DistinctBy(f => (f.Event.Iteration, f.Event.Step)).Take(5))
        {
            words.Add($"At {Figures.Since(fault.Entry.At)} the fault of step {facts.StepName(fault.Event.Step)} took effect on {Plain.Line(fault.Event.Target.ToString())}.");
        }

        foreach (var workload in facts.Of<WorkloadObserved>().GroupBy(w => w.Event.Workload))
        {
            var lacking = workload.Where(w => !w.Event.Holds).ToList();
            words.Add(lacking.Count == 0
                ? $"{workload.Key} had all its pods ready whenever they were counted."
                : $"{workload.Key} had {workload.Min(w => w.Event.Ready)} to {workload.Max(w => w.Event.Ready)} pods ready; it first lacked one at {Figures.Since(lacking[0].Entry.At)}, and at the end {workload.Last().Event.Ready} of {workload.Last().Event.Desired?.ToString() ?? "none"} were ready.");
        }

        foreach (var probe in facts.Of<ProbeSampled>().GroupBy(p => p.Event.Probe))
        {
            int Count(SampleOutcome outcome) => probe.Count(p => p.Event.Outcome == outcome);
            var bad = probe.Where(p => p.Event.Outcome == SampleOutcome.Failure).ToList();
            var missed = facts.Of<ProbeSlotMissed>().Count(m => m.Event.Probe == probe.Key);
            words.Add(
                $"Probe {Plain.Line(probe.Key)}: {Figures.Count(Count(SampleOutcome.Success))} samples succeeded, {Figures.Count(bad.Count)} failed" +
                (bad.Count > 0 ? $" between {Figures.Since(bad[0].Entry.At)} and {Figures.Since(bad[^1].Entry.At)}" : "") +
                $", {Figures.Count(Count(SampleOutcome.Unknown))} could not ask, {Figures.Count(missed, "slot")} missed.");
        }

        foreach (var blind in facts.BlindTimes.Take(5))
        {
            words.Add($"From {Figures.Since(blind.From)} to {Figures.Since(blind.To)} nothing could be observed ({Plain.Line(blind.What)}).");
        }

        return words;
    }
}
