using System.Globalization;
using ChaosDrill.Model.Measures;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Timelines;
using ChaosDrill.Reports.Wording;

namespace ChaosDrill.Reports.Postmortems;

/// <summary>What was planned beside what was done, and with which rights.</summary>
internal static class PlanSection
{
    private const int MostNamed = 10;

    public static Fields Of(DrillFacts facts)
    {
        var plan = facts.Header.Plan;
        return new Fields
        {
            ["steps"] = plan.Steps.Select(s => (object?)Step(facts, s)).ToList(),
            ["ledger"] = Plain.Line(plan.Ledger),
            ["refusals"] = plan.Refusals.Select(r => (object?)new Fields
            {
                ["kind"] = Words.Of(r.Kind),
                ["message"] = Plain.Line(r.Message),
                ["mend"] = Plain.Line(r.Mend),
                ["source"] = Plain.Line(r.Source?.ToString()),
            }).ToList(),
            ["rights"] = plan.Access.Select(a => (object?)new Fields
            {
                ["right"] = Plain.Line(Right(a.Need)),
                ["why"] = Plain.Line(a.Need.Why),
                ["answer"] = a.Granted ? "granted" : "not granted",
                ["class"] = a.Granted ? "pass" : "fail",
                ["reason"] = Plain.Line(a.Reason),
            }).ToList(),
        };
    }

    private static Fields Step(DrillFacts facts, PlannedStep step) => new()
    {
        ["number"] = step.Index + 1,
        ["name"] = Plain.Line(step.Name),
        ["kind"] = Plain.Line(step.Kind),
        ["summary"] = Plain.Line(step.Summary),
        ["targets"] = Named(step.Targets),
        ["candidates"] = step.Candidates > 0 ? $"{Figures.Count(step.Targets.Count)} of {Figures.Count(step.Candidates, "candidate")}" : "",
        ["undo"] = Plain.Line(step.Undo),
        ["done"] = Done(facts, step),
    };

    private static string Done(DrillFacts facts, PlannedStep step)
    {
        var ends = facts.Of<StepEnded>().Where(e => e.Event.Step == step.Index).Select(e => e.Event).ToList();
        var begun = facts.Of<StepStarted>().Count(e => e.Event.Step == step.Index);
        if (begun == 0)
        {
            return "not begun";
        }

        var outcomes = ends.GroupBy(e => e.Outcome).OrderBy(g => g.Key)
            .Select(g => facts.Header.Plan.Repeat > 1 ? $"{Words.Of(g.Key)} {Figures.Count(g.Count(), "time")}" : Words.Of(g.Key)).ToList();
        if (begun > ends.Count)
        {
            outcomes.Add("begun, but its end is not recorded");
        }

        var hit = facts.Of<FaultRequested>().Where(f => f.Event.Step == step.Index).Select(f => f.Event).ToList();
        var text = string.Join(", ", outcomes);
        if (hit.Count == 0)
        {
            return text;
        }

        // The plan names the targets of the first repetition only.
        var first = hit.Where(h => h.Iteration == 1).Select(h => h.Target.Uid).Order(StringComparer.Ordinal);
        var isAsPlanned = first.SequenceEqual(step.Targets.Select(t => t.Uid).Order(StringComparer.Ordinal));
        return $"{text}; {(isAsPlanned ? "on the targets as planned" : "on other targets than planned: " + Named([.. hit.Where(h => h.Iteration == 1).Select(h => h.Target)]))}";
    }

    private static string Named(IReadOnlyList<Target> targets)
    {
        var named = string.Join(", ", targets.Take(MostNamed).Select(t => Words.Of(t)));
        return targets.Count > MostNamed ? $"{named} and {Figures.Count(targets.Count - MostNamed)} more" : named;
    }

    private static string Right(AccessNeed need) => string.Create(
        CultureInfo.InvariantCulture,
        $"{need.Verb} {need.Resource}{(need.Group.Length > 0 ? "." + need.Group : "")}{(need.Namespace is null ? ", cluster-wide" : " in " + need.Namespace)}");
}
