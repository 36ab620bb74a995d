using System.Globalization;
using ChaosDrill.Model.Measures;
using ChaosDrill.Model.Timelines;
using ChaosDrill.Reports.Wording;

namespace ChaosDrill.Reports.Postmortems;

/// <summary>Steady state before and after, guards and stops, and the proof that everything was put back.</summary>
internal static class EvidenceSection
{
    private const int MostRows = 60;

    public static Fields SteadyState(DrillFacts facts)
    {
        var checks = facts.Of<SteadyStateChecked>().Select(c => c.Event).ToList();

        // A condition that is judged again and again has its last word here; every one is in the table of events.
        var last = checks.Count <= MostRows ? checks : [.. checks.GroupBy(c => (c.Stage, c.Subject)).Select(g => g.Last())];
        return new Fields
        {
            ["expected"] = string.Join(", ", facts.Header.SteadyState.Select(s => Plain.Line(s.ToString()))),
            ["after"] = facts.Judgement.SteadyStateAfter switch
            {
                true => "It held again at the end.",
                false => "It did not hold again at the end.",
                null => "Whether it held again at the end was not judged.",
            },
            ["afterClass"] = Words.ClassOf(facts.Judgement.SteadyStateAfter),
            ["rows"] = last.Select(c => (object?)new Fields
            {
                ["when"] = (c.Stage == DrillStage.SteadyStateAfter ? "after" : "before") +
                    (facts.Header.Plan.Repeat > 1 ? " #" + c.Iteration.ToString(CultureInfo.InvariantCulture) : ""),
                ["subject"] = Plain.Line(c.Subject),
                ["held"] = c.Held switch { true => "held", false => "did not hold", null => "not known" },
                ["class"] = Words.ClassOf(c.Held),
                ["reason"] = Plain.Line(c.Reason),
            }).ToList(),
        };
    }

    public static Fields Guards(DrillFacts facts) => new()
    {
        ["rows"] = facts.Timeline.Select(e => e.Event switch
        {
            GuardTripped g => Row(e.At, "guard " + Plain.Line(g.Guard), Plain.Line(g.Reason)),
            AbortRequested a => Row(e.At, "stop requested", "by " + Plain.Line(a.By)),
            _ => null,
        }).OfType<object?>().ToList(),
    };

    public static Fields Undo(DrillFacts facts)
    {
        var finished = facts.Of<UndoFinished>().GroupBy(f => f.Event.Id).ToDictionary(g => g.Key, g => g.Last());
        var rows = facts.Of<UndoRecorded>().Select(recorded =>
        {
            var end = finished.TryGetValue(recorded.Event.Id, out var found) ? found : default;
            return (object?)new Fields
            {
                ["step"] = facts.StepName(recorded.Event.Step),
                ["what"] = Plain.Line(recorded.Event.Description),
                ["recorded"] = Figures.Since(recorded.Entry.At),
                ["finished"] = end.Event is null ? "" : Figures.Since(end.Entry.At),
                ["result"] = end.Event switch { null => "not put back", { Succeeded: true } => "put back", _ => "could not be put back" },
                ["class"] = end.Event is { Succeeded: true } ? "pass" : "fail",
                ["detail"] = Plain.Line(end.Event?.Detail),
            };
        }).ToList();
        return new Fields
        {
            ["isComplete"] = facts.Judgement.UndoComplete,
            ["statement"] = facts.Judgement.UndoComplete
                ? rows.Count == 0 ? "No step changed anything that had to be put back." : "Everything that was changed has been put back."
                : "Something is left behind. Run chaosdrill sweep, or put back by hand what the table lists as not put back.",
            ["rows"] = rows,
        };
    }

    private static Fields Row(TimeSpan at, string what, string reason) => new()
    {
        ["since"] = Figures.Since(at),
        ["what"] = what,
        ["reason"] = reason,
    };
}
