using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Engine.Scenarios.Checks;

/// <summary>Asks the kinds that have rules of their own.</summary>
internal static class KindChecks
{
    public static IEnumerable<Finding> KindsAgreeWithThemselves(Scenario scenario)
    {
        var kinds = scenario.Spec.Steps.Select((s, i) => (Paths.Action(scenario, i), (object?)s.Action))
            .Concat(scenario.Spec.Probes.Select((p, i) => (Paths.Probe(i), (object?)p.Target)))
            .Concat(scenario.Spec.Objectives.Select((o, i) => (Paths.Goal(scenario, i), (object?)o.Goal)));
        foreach (var (path, kind) in kinds)
        {
            foreach (var finding in kind is ISelfChecked self ? self.Check() : [])
            {
                var field = finding.Field.Length == 0 ? path : $"{path}.{finding.Field}";
                yield return new Finding(finding.Code, field, finding.Message, finding.Mend, [path]);
            }
        }
    }
}
