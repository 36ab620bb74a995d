using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Engine.Scenarios.Checks;

/// <summary>The paths of fields that several checks speak of.</summary>
internal static class Paths
{
    public const string MaxDuration = "spec.guards.maxDuration";

    public static string Step(int index) => $"spec.steps[{index}]";

    /// <summary>The field that says what the step does.</summary>
    public static string Action(Scenario scenario, int index) => $"{Step(index)}.{scenario.Spec.Steps[index].Action?.Kind}";

    public static string Probe(int index) => $"spec.probes[{index}]";

    public static string Goal(Scenario scenario, int index) => $"spec.objectives[{index}].{scenario.Spec.Objectives[index].Goal?.Metric}";

    /// <summary>Everything that says which probes there are.</summary>
    public static IReadOnlyList<string> ProbeNames(Scenario scenario) =>
        scenario.Spec.Probes.Count == 0 ? ["spec.probes"] : [.. scenario.Spec.Probes.Select((_, i) => Probe(i) + ".name")];

    /// <summary>Everything that says what is waited for and when.</summary>
    public static IReadOnlyList<string> Awaited(Scenario scenario) =>
        scenario.Spec.Steps.Count == 0
            ? ["spec.steps"]
            : [.. scenario.Spec.Steps.Select((step, i) => step.Action switch
            {
                AwaitRecovery => Action(scenario, i) + ".of",
                null => Step(i),
                _ => Step(i) + ".name",
            })];
}
