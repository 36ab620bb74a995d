using ChaosDrill.Model;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Engine.Scenarios.Checks;

/// <summary>Whether the drill can be over before its own limit aborts it.</summary>
internal static class DurationChecks
{
    /// <summary>
    /// Two things are sure: a single wait that may outlast the limit would turn a miss into an abort, and waits that take
    /// longer than the limit even when everything goes well would abort every drill.
    /// </summary>
    public static IEnumerable<Finding> WaitsFitIntoTheDrill(Scenario scenario)
    {
        var limit = scenario.Spec.Guards.MaxDuration;
        var atLeast = TimeSpan.Zero;
        for (var i = 0; i < scenario.Spec.Steps.Count; i++)
        {
            if (scenario.Spec.Steps[i].Action is Wait wait)
            {
                atLeast += wait.For;
            }
            else if (scenario.Spec.Steps[i].Action is AwaitRecovery step)
            {
                atLeast += step.StableFor;
                if (step.Timeout >= limit)
                {
                    yield return new Finding(
                        ScenarioErrorCodes.DrillTooLong, Paths.Action(scenario, i) + ".timeout",
                        $"the step may wait {GoDuration.Format(step.Timeout)}, but spec.guards.maxDuration ends the drill after {GoDuration.Format(limit)}, so that a slow recovery would abort it",
                        $"shorten the timeout, or write more than \"{GoDuration.Format(step.Timeout)}\" for maxDuration", [Paths.MaxDuration]);
                }
            }
        }

        for (var i = 0; i < scenario.Spec.Objectives.Count; i++)
        {
            if (scenario.Spec.Objectives[i].Goal is TimeToDetectGoal goal && goal.AtMost >= limit)
            {
                yield return new Finding(
                    ScenarioErrorCodes.DrillTooLong, Paths.Goal(scenario, i) + ".atMost",
                    $"the drill waits {GoDuration.Format(goal.AtMost)} for the alert, but spec.guards.maxDuration ends it after {GoDuration.Format(limit)}, so that a miss would abort it",
                    $"shorten it, or write more than \"{GoDuration.Format(goal.AtMost)}\" for maxDuration", [Paths.MaxDuration]);
            }
        }

        if (atLeast * scenario.Spec.Repeat is var total && total > limit)
        {
            var times = scenario.Spec.Repeat == 1 ? "" : $", {scenario.Spec.Repeat} times {GoDuration.Format(atLeast)}";
            yield return new Finding(
                ScenarioErrorCodes.DrillTooLong, Paths.MaxDuration,
                $"the limit is {GoDuration.Format(limit)}, but waiting alone takes {GoDuration.Format(total)}{times}", $"write more than \"{GoDuration.Format(total)}\", or wait less",
                ["spec.steps", "spec.repeat"]);
        }
    }
}
