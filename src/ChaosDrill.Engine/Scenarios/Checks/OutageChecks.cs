using ChaosDrill.Model;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Engine.Scenarios.Checks;

/// <summary>Whether a probe samples often enough for what is asked of it.</summary>
internal static class OutageChecks
{
    /// <summary>Between two samples anything may have happened: an outage can be told from none only if it is longer than the interval.</summary>
    public static IEnumerable<Finding> OutagesCanBeTold(Scenario scenario)
    {
        var probes = new Dictionary<string, int>();
        for (var i = 0; i < scenario.Spec.Probes.Count; i++)
        {
            probes.TryAdd(scenario.Spec.Probes[i].Name, i);
        }

        for (var i = 0; i < scenario.Spec.Objectives.Count; i++)
        {
            if (scenario.Spec.Objectives[i].Goal is LongestOutageGoal goal && probes.TryGetValue(goal.Probe, out var index)
                && scenario.Spec.Probes[index].Every is var every && goal.AtMost <= every)
            {
                var (limit, interval) = (GoDuration.Format(goal.AtMost), GoDuration.Format(every));
                yield return new Finding(
                    ScenarioErrorCodes.OutageUnknowable, Paths.Goal(scenario, i) + ".atMost",
                    $"found \"{limit}\", but the probe \"{goal.Probe}\" samples every {interval} and cannot tell outages that short",
                    $"write more than \"{interval}\", or let the probe sample more often than every {limit}",
                    [Paths.Probe(index) + ".every", Paths.Probe(index) + ".name", Paths.Goal(scenario, i) + ".probe"]);
            }
        }
    }
}
