using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Engine.Scenarios.Checks;

/// <summary>Whether the ledger can say what is asked of it.</summary>
internal static class LedgerChecks
{
    private const string Ledger = "spec.ledger";

    public static IEnumerable<Finding> OptionsAgree(Scenario scenario) => (scenario.Spec.Ledger?.Check() ?? []).Select(problem =>
        new Finding(ScenarioErrorCodes.Options, $"{Ledger}.{problem.Field}", problem.Message, problem.Mend, [Ledger]));

    public static IEnumerable<Finding> EntriesAreWritten(Scenario scenario)
    {
        for (var i = 0; i < scenario.Spec.Objectives.Count; i++)
        {
            var goal = scenario.Spec.Objectives[i].Goal;
            if (scenario.Spec.Ledger is null && goal is (DataLossGoal { AtMostEntries: not null } or WriteOutageGoal))
            {
                yield return new Finding(
                    ScenarioErrorCodes.NoLedger, $"{Paths.Goal(scenario, i)}.{(goal is DataLossGoal ? "atMostEntries" : "atMost")}", "nothing writes entries that could be counted",
                    "add \"ledger: { every: 100ms }\" to spec", [Ledger]);
            }
        }
    }
}
