using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Measures;
using ChaosDrill.Model.Timelines;
using ChaosDrill.Reports.Wording;

namespace ChaosDrill.Reports.Postmortems;

/// <summary>The alerts that fired while the drill ran, those that were expected and did not, and how well this is known.</summary>
internal static class AlertSection
{
    private const int Most = 100;

    public static Fields Of(DrillFacts facts)
    {
        var expected = facts.Header.ExpectedAlerts;
        var effect = facts.Of<FaultTookEffect>().Select(e => (TimeSpan?)e.Entry.At).FirstOrDefault();
        var fired = facts.Of<AlertSeen>().GroupBy(a => a.Event.Identity)
            .Select(g => g.ToList()).Where(g => g.Exists(a => a.Event.State == AlertState.Firing)).ToList();
        var looks = facts.Of<ProbeSampled>().Where(s => s.Event.Probe == ProbeTimetable.Alerts).ToList();
        var blind = looks.Count(l => l.Event.Outcome != SampleOutcome.Success);
        return new Fields
        {
            ["watched"] = expected is not null && looks.Count > blind,
            ["asked"] = expected is not null,
            ["every"] = facts.Header.Probes.FirstOrDefault(p => p.Name == ProbeTimetable.Alerts) is { } look ? Model.GoDuration.Format(look.Every) : null,
            ["blind"] = blind == 0 ? null : Figures.Count(blind, "look"),
            ["rows"] = fired.Take(Most).Select(g => (object?)Row(facts, g, expected ?? [], effect)).ToList(),
            ["more"] = fired.Count > Most ? Figures.Count(fired.Count - Most) : null,
            ["silent"] = (expected ?? []).Where(name => !fired.Exists(g => g[0].Event.Alert == name)).Select(name => (object?)Plain.Line(name)).ToList(),
        };
    }

    private static Fields Row(DrillFacts facts, List<(TimelineEntry Entry, AlertSeen Event)> alert, IReadOnlyList<string> expected, TimeSpan? effect)
    {
        var first = alert.First(a => a.Event.State == AlertState.Firing);
        var over = alert.FirstOrDefault(a => a.Entry.At > first.Entry.At && a.Event.State == AlertState.Inactive);
        var isExpected = expected.Contains(first.Event.Alert);
        return new Fields
        {
            ["name"] = Plain.Line(first.Event.Alert),
            ["labels"] = Plain.Line(Labels(first.Event)),
            ["since"] = effect is { } e && first.Entry.At > e ? Figures.Since(first.Entry.At - e) : "before the fault",
            ["utc"] = facts.Utc(first.Entry.At),
            ["over"] = over.Event is null ? "still firing at the end" : Figures.Since(over.Entry.At - (effect ?? TimeSpan.Zero)),
            ["expected"] = isExpected ? "expected" : effect is { } begun && first.Entry.At > begun ? "unexpected" : "not of this drill",
            ["class"] = isExpected ? "pass" : effect is { } at && first.Entry.At > at ? "fail" : "inconclusive",
        };
    }

    private static string Labels(AlertSeen alert) => string.Join(", ", alert.Labels.OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => $"{l.Key}={l.Value}"));
}
