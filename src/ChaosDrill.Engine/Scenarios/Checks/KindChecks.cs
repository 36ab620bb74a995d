using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Engine.Scenarios.Checks;

/// <summary>Asks the kinds of steps, probes and objectives what rules of their own are broken.</summary>
internal static class KindChecks
{
    public static IEnumerable<Finding> OptionsAgree(Scenario scenario, ScenarioVocabulary vocabulary)
    {
        for (var i = 0; i < scenario.Spec.Steps.Count; i++)
        {
            foreach (var problem in scenario.Spec.Steps[i].Action?.Check() ?? [])
            {
                yield return Tell(Paths.Action(scenario, i), problem);
            }
        }

        for (var i = 0; i < scenario.Spec.Probes.Count; i++)
        {
            var target = scenario.Spec.Probes[i].Target;
            if (scenario.Spec.Probes[i].Context is not null && target is { AsksCluster: false })
            {
                yield return Tell(Paths.Probe(i), new OptionProblem("context", "it asks over the network, and not by way of a cluster", "leave context out; it is for service, workload, exec and api"));
            }

            foreach (var problem in target?.Check() ?? [])
            {
                // Unlike a step, a probe does not keep the name of its kind.
                var kind = vocabulary.Probes.First(k => k.Value == target!.GetType()).Key;
                yield return Tell($"{Paths.Probe(i)}.{kind}", problem);
            }
        }

        for (var i = 0; i < scenario.Spec.Objectives.Count; i++)
        {
            foreach (var problem in scenario.Spec.Objectives[i].Goal?.Check() ?? [])
            {
                yield return Tell(Paths.Goal(scenario, i), problem);
            }
        }
    }

    private static Finding Tell(string path, OptionProblem problem) =>
        new(ScenarioErrorCodes.Options, problem.Field.Length == 0 ? path : $"{path}.{problem.Field}", problem.Message, problem.Mend, [path]);
}
