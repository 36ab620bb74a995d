using ChaosDrill.Engine.Planning;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Engine.Scenarios.Checks;

/// <summary>Whether the times and dates of the guards can be read.</summary>
internal static class GuardChecks
{
    public static IEnumerable<Finding> TimesCanBeRead(Scenario scenario)
    {
        var windows = scenario.Spec.Guards.Windows;
        for (var i = 0; i < windows.Count; i++)
        {
            var path = $"spec.guards.windows[{i}]";
            foreach (var (field, text) in (IEnumerable<(string, string)>)[("from", windows[i].From), ("to", windows[i].To)])
            {
                if (TimeGuard.Minutes(text) is null)
                {
                    yield return Wrong($"{path}.{field}", $"found {Shown.Quoted(text)}, which is no time of the day", "write hours and minutes, such as \"09:00\"");
                }
            }

            if (TimeGuard.Minutes(windows[i].From) is { } from && (from == 24 * 60 || from == TimeGuard.Minutes(windows[i].To)))
            {
                yield return Wrong($"{path}.from", "the window is empty", "write \"00:00\" to \"24:00\" for the whole day");
            }
        }

        var freezes = scenario.Spec.Guards.Freezes;
        for (var i = 0; i < freezes.Count; i++)
        {
            var path = $"spec.guards.freezes[{i}]";
            foreach (var (field, text) in (IEnumerable<(string, string?)>)[("from", freezes[i].From), ("to", freezes[i].To)])
            {
                if (text is not null && TimeGuard.Date(text) is null)
                {
                    yield return Wrong($"{path}.{field}", $"found {Shown.Quoted(text)}, which is no date", "write year, month and day, such as \"2026-12-18\"");
                }
            }

            if (freezes[i].To is { } last && TimeGuard.Date(last) < TimeGuard.Date(freezes[i].From))
            {
                yield return Wrong($"{path}.to", "it is over before it begins", $"write {freezes[i].From} or later");
            }
        }
    }

    private static Finding Wrong(string path, string message, string mend) => new(ScenarioErrorCodes.GuardTime, path, message, mend, []);
}
