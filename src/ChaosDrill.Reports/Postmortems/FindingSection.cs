using ChaosDrill.Model.Measures;
using ChaosDrill.Model.Timelines;
using ChaosDrill.Reports.Charts;
using ChaosDrill.Reports.Templates;
using ChaosDrill.Reports.Wording;

namespace ChaosDrill.Reports.Postmortems;

/// <summary>What steps that are no faults went through, found and measured: phases, checks, figures.</summary>
internal static class FindingSection
{
    /// <summary>More than these of a sort are left out here; the table of events has them.</summary>
    private const int Most = 200;

    public static Fields Of(DrillFacts facts, Pictures pictures)
    {
        var phases = Phases(facts).Take(Most).ToList();
        var checks = facts.Of<CheckMade>().OrderBy(c => c.Event.Held switch { false => 0, null => 1, true => 2 }).Take(Most).Select(c => (object?)new Fields
        {
            ["step"] = Step(facts, c.Event.Step, c.Event.Iteration),
            ["check"] = Plain.Line(c.Event.Check),
            ["held"] = Words.Held(c.Event.Held),
            ["class"] = Words.ClassOf(c.Event.Held),
            ["evidence"] = Plain.Line(c.Event.Evidence),
        }).ToList();
        var figures = facts.Of<FigureMeasured>().Take(Most).Select(f => (object?)new Fields
        {
            ["step"] = Step(facts, f.Event.Step, f.Event.Value.Iteration),
            ["name"] = (f.Event.Value.Subject is { } subject ? Plain.Line(subject) + ": " : "") + Plain.Line(f.Event.Name),
            ["value"] = Figures.Estimate(f.Event.Unit, f.Event.Value),
            ["remark"] = Plain.Line(f.Event.Value.Remark),
        }).ToList();
        return new Fields
        {
            ["any"] = phases.Count + checks.Count + figures.Count > 0,
            ["phases"] = phases,
            ["waterfalls"] = Waterfalls(facts, pictures).ToList(),
            ["checks"] = checks,
            ["figures"] = figures,
        };
    }

    private static IEnumerable<object?> Phases(DrillFacts facts)
    {
        foreach (var step in facts.Of<PhaseReached>().GroupBy(p => (p.Event.Step, p.Event.Iteration, p.Event.Subject)))
        {
            var begin = facts.Of<StepStarted>().Where(s => (s.Event.Step, s.Event.Iteration) == (step.Key.Step, step.Key.Iteration)).Select(s => s.Entry.At).FirstOrDefault();
            var before = begin;
            foreach (var (entry, phase) in step)
            {
                yield return new Fields
                {
                    ["step"] = Step(facts, phase.Step, phase.Iteration),
                    ["phase"] = (phase.Subject is null ? "" : Plain.Line(phase.Subject) + ": ") + Plain.Line(phase.Phase),
                    ["since"] = Figures.Since(entry.At - begin),
                    ["took"] = Figures.Seconds(entry.At - before),
                    ["detail"] = Plain.Line(phase.Detail),
                };
                before = entry.At;
            }
        }
    }

    private static IEnumerable<object?> Waterfalls(DrillFacts facts, Pictures pictures)
    {
        const int MostDrawn = 6;

        // One bar alone says no more than its line in the table.
        foreach (var (step, i) in facts.Of<PhaseReached>().GroupBy(p => (p.Event.Step, p.Event.Iteration)).Where(s => s.Skip(1).Any()).Take(MostDrawn).Select((s, i) => (s, i)))
        {
            var begin = facts.Of<StepStarted>().Where(s => (s.Event.Step, s.Event.Iteration) == step.Key).Select(s => s.Entry.At).FirstOrDefault();
            List<(TimeSpan At, string Name)> marks = [(begin, ""), .. step.Select(p => (p.Entry.At, Plain.Line(p.Event.Phase)))];
            var longest = marks.Zip(marks.Skip(1)).Max(p => p.Second.At - p.First.At);
            List<WaterfallBar> bars =
                [.. marks.Zip(marks.Skip(1)).Select(p => new WaterfallBar("until " + p.Second.Name, p.First.At, p.Second.At, p.Second.At - p.First.At == longest))];
            var title = "Phases of " + Step(facts, step.Key.Step, step.Key.Iteration);
            string Draw(string id, double width, string? style = null) => WaterfallChart.Draw(bars, id, width, title, "time since the step began", begin, style);
            yield return new Fields
            {
                ["title"] = title,
                ["wide"] = new Markup(() => Draw($"steps-{i}-wide", ChartSection.Wide)),
                ["narrow"] = new Markup(() => Draw($"steps-{i}-narrow", ChartSection.Narrow)),
                ["file"] = pictures.Add($"steps-{i + 1}.svg", () => Draw($"steps-{i}", ChartSection.Wide, ChartStyle.StandAlone)),
            };
        }
    }

    private static string Step(DrillFacts facts, int step, int iteration) =>
        facts.StepName(step) + (facts.Header.Plan.Repeat > 1 ? $" #{iteration}" : "");
}
