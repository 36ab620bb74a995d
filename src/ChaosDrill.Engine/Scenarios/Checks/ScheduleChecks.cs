using System.Security;
using ChaosDrill.Model;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Engine.Scenarios.Checks;

/// <summary>Whether a worker can tell when the scenario is due.</summary>
internal static class ScheduleChecks
{
    public static IEnumerable<Finding> CronCanBeRead(Scenario scenario) =>
        scenario.Spec.Schedule is { } schedule && CronSyntax.Check(schedule.Cron) is { } wrong
            ? [new Finding(ScenarioErrorCodes.Cron, "spec.schedule.cron", wrong.Message, wrong.Mend, [])]
            : [];

    public static IEnumerable<Finding> TimeZonesAreKnown(Scenario scenario) =>
    [
        .. scenario.Spec.Schedule is { } schedule ? ZoneIsKnown(schedule.TimeZone, "spec.schedule.timeZone") : [],
        .. ZoneIsKnown(scenario.Spec.Guards.TimeZone, "spec.guards.timeZone"),
    ];

    private static IEnumerable<Finding> ZoneIsKnown(string zone, string path)
    {
        // These need no zone data, which a minimal container may lack.
        if (zone is "Etc/UTC" or "UTC" || IsZone(zone))
        {
            return [];
        }

        var zones = TimeZoneInfo.GetSystemTimeZones().Select(z => z.Id).ToList();
        var (message, mend) = zones.Count <= 1
            ? ("this machine has no time zone data, so that no zone but Etc/UTC is known", "install the package \"tzdata\", or write \"Etc/UTC\"")
            : ($"found {Shown.Quoted(zone)}, which is no IANA time zone",
                NearestName.Of(zone, zones) is { } near ? $"did you mean \"{near}\"?" : "write a name such as \"Europe/Berlin\"");
        return [new Finding(ScenarioErrorCodes.TimeZone, path, message, mend, [])];
    }

    private static bool IsZone(string id)
    {
        try
        {
            // The framework also takes "europe/berlin", which other readers of the same database refuse.
            return TimeZoneInfo.FindSystemTimeZoneById(id).Id == id;
        }
        catch (Exception error) when (error is TimeZoneNotFoundException or InvalidTimeZoneException or SecurityException or ArgumentException)
        {
            return false;
        }
    }
}
