using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Engine.Scenarios.Checks;

/// <summary>Whether there is a Prometheus where one is asked, and whether it can be reached as it is written.</summary>
internal static class PrometheusChecks
{
    private const string Path = "spec.prometheus";

    public static IEnumerable<Finding> IsThereWhereItIsAsked(Scenario scenario, ScenarioVocabulary vocabulary)
    {
        if (scenario.Spec.Prometheus is not null)
        {
            yield break;
        }

        for (var i = 0; i < scenario.Spec.Probes.Count; i++)
        {
            if (scenario.Spec.Probes[i].Target is { AsksPrometheus: true } target)
            {
                yield return Missing($"{Paths.Probe(i)}.{vocabulary.Probes.First(k => k.Value == target.GetType()).Key}");
            }
        }

        for (var i = 0; i < scenario.Spec.Objectives.Count; i++)
        {
            if (scenario.Spec.Objectives[i].Goal is { AsksPrometheus: true })
            {
                yield return Missing(Paths.Goal(scenario, i));
            }
        }
    }

    public static IEnumerable<Finding> CanBeReached(Scenario scenario) =>
        (scenario.Spec.Prometheus?.Check() ?? []).Select(p =>
            new Finding(ScenarioErrorCodes.Options, p.Field.Length == 0 ? Path : $"{Path}.{p.Field}", p.Message, p.Mend, [Path]));

    private static Finding Missing(string path) =>
        new(ScenarioErrorCodes.NoPrometheus, path, "it asks Prometheus, and the scenario names none", "add spec.prometheus: { url: \"http://HOST:9090\" }", [Path]);
}
