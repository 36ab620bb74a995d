using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Engine.Scenarios.Checks;

/// <summary>Whether each condition of the steady state says what must hold.</summary>
internal static class SteadyStateChecks
{
    public static IEnumerable<Finding> EachNamesOneSubject(Scenario scenario)
    {
        for (var i = 0; i < scenario.Spec.SteadyState.Count; i++)
        {
            var condition = scenario.Spec.SteadyState[i];
            var path = $"spec.steadyState[{i}]";
            var (message, mend) = condition switch
            {
                { Workload: null, Probe: null } => ("names neither a workload nor a probe", "add \"workload: deployment/NAME\" or \"probe: NAME\""),
                { Workload: not null, Probe: not null } => ("names both a workload and a probe", "make two conditions of it"),
                { Workload: { IsProbe: true } probe } => ($"found {Shown.Quoted(probe.ToString())}, which is no workload", $"write \"probe: {probe.Name}\" instead"),
                _ => ("", ""),
            };
            if (message.Length > 0)
            {
                yield return new Finding(ScenarioErrorCodes.SteadyStateSubject, path, message, mend, []);
            }
        }
    }
}
