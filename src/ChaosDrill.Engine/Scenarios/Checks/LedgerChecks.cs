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
            if (scenario.Spec.Objectives[i].Goal is DataLossGoal { AtMostEntries: not null } && scenario.Spec.Ledger is null)
            {
                yield return new Finding(
                    ScenarioErrorCodes.NoLedger, Paths.Goal(scenario, i) + ".atMostEntries", "nothing writes entries that could be lost",
                    "add \"ledger: { every: 100ms }\" to spec, or limit the time with atMost", [Ledger]);
            }
        }
    }
}
