using ChaosDrill.Model;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Engine.Scenarios.Checks;

/// <summary>Whether undo steps have something to put back.</summary>
internal static class UndoChecks
{
    public static IEnumerable<Finding> EachNamesAFaultBeforeIt(Scenario scenario)
    {
        var steps = scenario.Spec.Steps;
        for (var i = 0; i < steps.Count; i++)
        {
            if (steps[i].Action is not Undo { Step: { } name })
            {
                continue;
            }

            var faults = steps.Take(i).Where(s => s.Action is { IsFault: true }).Select(s => s.Name).OfType<string>().ToList();
            if (!faults.Contains(name))
            {
                var near = NearestName.Of(name, faults);
                yield return new Finding(
                    ScenarioErrorCodes.UndoOfNothing, Paths.Action(scenario, i) + ".step", $"no fault before this step is called {Shown.Quoted(name)}",
                    near is not null ? $"did you mean \"{near}\"?" : "give the fault a name, and write it here", [.. steps.Take(i).Select((_, n) => Paths.Step(n))]);
            }
        }
    }
}
