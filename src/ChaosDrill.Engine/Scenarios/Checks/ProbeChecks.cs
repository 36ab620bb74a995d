using ChaosDrill.Model;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Engine.Scenarios.Checks;

/// <summary>Whether probes can be told apart, and whether those that are spoken of exist.</summary>
internal static class ProbeChecks
{
    public static IEnumerable<Finding> NamesAreUnique(Scenario scenario)
    {
        var first = new Dictionary<string, int>();
        for (var i = 0; i < scenario.Spec.Probes.Count; i++)
        {
            var name = scenario.Spec.Probes[i].Name;
            if (!first.TryAdd(name, i))
            {
                yield return new Finding(
                    ScenarioErrorCodes.DuplicateProbe, Paths.Probe(i) + ".name",
                    $"the name {Shown.Quoted(name)} is taken by {Paths.Probe(first[name])}", "choose another name", [Paths.Probe(first[name]) + ".name"]);
            }
        }
    }

    public static IEnumerable<Finding> ReferencesAreKnown(Scenario scenario)
    {
        var names = scenario.Spec.Probes.Select(p => p.Name).ToHashSet();
        var restsOn = Paths.ProbeNames(scenario);
        foreach (var (path, name, prefix) in References(scenario))
        {
            if (names.Contains(name))
            {
                continue;
            }

            var near = NearestName.Of(name, names);
            var mend = near is not null ? $"did you mean \"{prefix}{near}\"?"
                : names.Count == 0 ? "add it under spec.probes"
                : $"write {Shown.OneOf(names.Take(10).Select(n => prefix + n))}, or add it under spec.probes";
            yield return new Finding(ScenarioErrorCodes.UnknownProbe, path, $"the scenario has no probe {Shown.Quoted(name)}", mend, restsOn);
        }
    }

    private static IEnumerable<(string Path, string Name, string Prefix)> References(Scenario scenario)
    {
        var spec = scenario.Spec;
        for (var i = 0; i < spec.Guards.AbortWhen.Count; i++)
        {
            yield return ($"spec.guards.abortWhen[{i}].probe", spec.Guards.AbortWhen[i].Probe, "");
        }

        for (var i = 0; i < spec.SteadyState.Count; i++)
        {
            if (spec.SteadyState[i].Probe is { } probe)
            {
                yield return ($"spec.steadyState[{i}].probe", probe, "");
            }
        }

        for (var i = 0; i < spec.Steps.Count; i++)
        {
            var of = spec.Steps[i].Action is AwaitRecovery await ? await.Of : [];
            for (var j = 0; j < of.Count; j++)
            {
                if (of[j].IsProbe)
                {
                    yield return ($"{Paths.Action(scenario, i)}.of[{j}]", of[j].Name, "probe/");
                }
            }
        }

        for (var i = 0; i < spec.Objectives.Count; i++)
        {
            var goal = spec.Objectives[i].Goal;
            if (ProbeOf(goal) is { } probe)
            {
                yield return (Paths.Goal(scenario, i) + ".probe", probe, "");
            }
            else if (goal is RecoveryTimeGoal { Of: { IsProbe: true } of })
            {
                yield return (Paths.Goal(scenario, i) + ".of", of.Name, "probe/");
            }
        }
    }

    private static string? ProbeOf(ObjectiveGoal goal) => goal switch
    {
        AvailabilityGoal availability => availability.Probe,
        LongestOutageGoal outage => outage.Probe,
        LatencyGoal latency => latency.Probe,
        _ => null,
    };
}
