using ChaosDrill.Engine.Scenarios.Yaml;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Engine.Scenarios.Checks;

/// <summary>All checks of what a scenario means, as opposed to how it is written. Each is a pure function.</summary>
internal static class ScenarioChecks
{
    private static readonly Func<Scenario, IEnumerable<Finding>>[] All =
    [
        ProbeChecks.NamesAreUnique,
        ProbeChecks.ReferencesAreKnown,
        SteadyStateChecks.EachNamesOneSubject,
        RecoveryChecks.ObjectivesAreAwaited,
        RecoveryChecks.TimeoutsOutlastObjectives,
        RecoveryChecks.FaultsAreFollowed,
        UndoChecks.EachNamesAFaultBeforeIt,
        OutageChecks.OutagesCanBeTold,
        LedgerChecks.OptionsAgree,
        LedgerChecks.EntriesAreWritten,
        DurationChecks.WaitsFitIntoTheDrill,
        ScheduleChecks.CronCanBeRead,
        ScheduleChecks.TimeZonesAreKnown,
        PrometheusChecks.CanBeReached,
    ];

    /// <summary>Runs every check and adds what rests on sound fields.</summary>
    public static void Run(Scenario scenario, ScenarioVocabulary vocabulary, PlaceFinder places, ErrorList errors)
    {
        var findings = All.SelectMany(check => check(scenario)).Concat(KindChecks.OptionsAgree(scenario, vocabulary))
            .Concat(PrometheusChecks.IsThereWhereItIsAsked(scenario, vocabulary)).Where(SoundIn(errors)).Take(ErrorList.MostKept).ToList();
        foreach (var finding in findings)
        {
            errors.Add(finding.Code, places.Find(finding.Path), finding.Path, finding.Message, finding.Mend);
        }
    }

    private static Func<Finding, bool> SoundIn(ErrorList errors)
    {
        if (errors.IsEmpty)
        {
            return _ => true;
        }

        // Findings of one check share the list that they rest on.
        var known = new Dictionary<IReadOnlyList<string>, bool>(ReferenceEqualityComparer.Instance);
        return finding =>
        {
            if (!known.TryGetValue(finding.RestsOn, out var doubtful))
            {
                doubtful = finding.RestsOn.Any(errors.InDoubt);
                known.Add(finding.RestsOn, doubtful);
            }

            return !doubtful && !errors.InDoubt(finding.Path);
        };
    }
}
