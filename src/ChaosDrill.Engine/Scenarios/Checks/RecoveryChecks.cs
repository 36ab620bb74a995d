using ChaosDrill.Model;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Engine.Scenarios.Checks;

/// <summary>Whether a recovery time can be measured as it is asked for.</summary>
internal static class RecoveryChecks
{
    public static IEnumerable<Finding> ObjectivesAreAwaited(Scenario scenario)
    {
        var awaited = Waits(scenario).SelectMany(w => w.Step.Of).Select(of => of.ToString()).ToHashSet();
        var restsOn = Paths.Awaited(scenario);
        foreach (var (path, goal) in Goals(scenario))
        {
            if (!awaited.Contains(goal.Of.ToString()))
            {
                var near = NearestName.Of(goal.Of.ToString(), awaited);
                yield return new Finding(
                    ScenarioErrorCodes.RecoveryNotAwaited, path + ".of", $"no awaitRecovery step waits for {Shown.Quoted(goal.Of.ToString())}",
                    near is null ? $"add the step \"awaitRecovery: {{ of: [{goal.Of}] }}\", or add it to the list of an awaitRecovery step" : $"did you mean \"{near}\"?",
                    restsOn);
            }
        }
    }

    /// <summary>
    /// The timeout covers the stable stretch too. A step that gives up before a recovery at the objective's limit has held
    /// for the stable time could neither confirm the last good recoveries nor say by how much a late one missed.
    /// </summary>
    public static IEnumerable<Finding> TimeoutsOutlastObjectives(Scenario scenario)
    {
        var goals = Goals(scenario).ToLookup(g => g.Goal.Of);
        foreach (var (path, step) in Waits(scenario))
        {
            var missed = step.Of.SelectMany(of => goals[of]).MaxBy(g => g.Goal.AtMost.Ticks);
            if (missed is not null && step.Timeout <= missed.Goal.AtMost + step.StableFor)
            {
                var (limit, stable) = (missed.Goal.AtMost, step.StableFor);
                yield return new Finding(
                    ScenarioErrorCodes.TimeoutTooShort, path + ".timeout",
                    $"the step waits {GoDuration.Format(step.Timeout)}, not longer than the objective for {missed.Goal.Of} and the stable time, {GoDuration.Format(limit)} and {GoDuration.Format(stable)}, so that a miss would have no value",
                    $"write more than \"{GoDuration.Format(limit + stable)}\", such as \"{GoDuration.Format((limit * 2) + stable)}\"",
                    [missed.Path + ".atMost", missed.Path + ".of", path + ".of", path + ".stableFor"]);
            }
        }
    }

    public static IEnumerable<Finding> FaultsAreFollowed(Scenario scenario)
    {
        var steps = scenario.Spec.Steps;
        var lastWait = -1;
        for (var i = 0; i < steps.Count; i++)
        {
            lastWait = steps[i].Action is AwaitRecovery ? i : lastWait;
        }

        var restsOn = Paths.Awaited(scenario);
        for (var i = lastWait + 1; i < steps.Count && Goals(scenario).Any(); i++)
        {
            if (steps[i].Action is { IsFault: true })
            {
                yield return new Finding(
                    ScenarioErrorCodes.FaultNotFollowed, Paths.Step(i), "no step waits for the recovery from this fault, and a recovery time is asked for",
                    "add an awaitRecovery step after it", restsOn);
            }
        }
    }

    private static IEnumerable<PlacedGoal> Goals(Scenario scenario)
    {
        for (var i = 0; i < scenario.Spec.Objectives.Count; i++)
        {
            if (scenario.Spec.Objectives[i].Goal is RecoveryTimeGoal goal)
            {
                yield return new PlacedGoal(Paths.Goal(scenario, i), goal);
            }
        }
    }

    private static IEnumerable<PlacedWait> Waits(Scenario scenario)
    {
        for (var i = 0; i < scenario.Spec.Steps.Count; i++)
        {
            if (scenario.Spec.Steps[i].Action is AwaitRecovery step)
            {
                yield return new PlacedWait(Paths.Action(scenario, i), step);
            }
        }
    }

    private sealed record PlacedGoal(string Path, RecoveryTimeGoal Goal);

    private sealed record PlacedWait(string Path, AwaitRecovery Step);
}
