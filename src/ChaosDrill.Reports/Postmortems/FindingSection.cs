using ChaosDrill.Model.Measures;
using ChaosDrill.Model.Timelines;
using ChaosDrill.Reports.Wording;

namespace ChaosDrill.Reports.Postmortems;

/// <summary>What steps that are no faults went through, found and measured: phases, checks, figures.</summary>
internal static class FindingSection
{
    /// <summary>More than these of a sort are left out here; the table of events has them.</summary>
    private const int Most = 200;

    public static Fields Of(DrillFacts facts)
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
            ["name"] = Plain.Line(f.Event.Name),
            ["value"] = Figures.Estimate(f.Event.Unit, f.Event.Value),
            ["remark"] = Plain.Line(f.Event.Value.Remark),
        }).ToList();
        return new Fields
        {
            ["any"] = phases.Count + checks.Count + figures.Count > 0,
            ["phases"] = phases,
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

    private static string Step(DrillFacts facts, int step, int iteration) =>
        facts.StepName(step) + (facts.Header.Plan.Repeat > 1 ? $" #{iteration}" : "");
}
