using System.Globalization;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Measures;
using ChaosDrill.Reports.Templates;
using ChaosDrill.Reports.Wording;

namespace ChaosDrill.Reports.Postmortems;

/// <summary>What stands at the head of a report: outcome, when, where, with what.</summary>
internal static class HeadSection
{
    public static Fields Of(DrillFacts facts)
    {
        var header = facts.Header;
        var cluster = header.Plan.Cluster;
        return new Fields
        {
            ["id"] = Plain.Line(header.Id),
            ["outcome"] = facts.Outcome,
            ["headline"] = facts.Headline,
            ["reason"] = Sentence(Plain.Line(facts.Judgement.Reason)),
            ["isPass"] = facts.Judgement.Outcome == DrillOutcome.Pass,
            ["isRefused"] = facts.End?.Ending == DrillEnding.Refused,
            ["isDead"] = facts.End is null,
            ["needsPerson"] = !facts.Judgement.UndoComplete,
            ["summary"] = SummaryText.Of(facts),
            ["hypothesis"] = Plain.Line(header.Description),
            ["date"] = header.StartedAt.ToUniversalTime().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            ["timeZone"] = Plain.Line(header.TimeZone),
            ["isZoneKnown"] = facts.IsZoneKnown,
            ["hasLocalTime"] = facts.HasLocalTime,
            ["facts"] = new List<object?>
            {
                Fact("Began", Began(facts)),
                Fact("Lasted", Figures.Seconds(facts.Length) + (facts.End is null ? ", as far as it is recorded" : "") + (header.VirtualTime ? " of virtual time" : "")),
                Fact("Cluster", Plain.Line($"{cluster.Name}{(cluster.IsTwin ? " (the embedded cluster)" : $" at {cluster.Server}")}, {cluster.Version}")),
                Fact("Namespace", Plain.Line(header.Plan.Namespace)),
                Fact("Scenario", Plain.Line($"{header.Scenario} ({header.Source.File})")),
                Fact("Scenario digest", "sha256 " + Plain.Line(header.Source.Digest)),
                Fact("Seed", header.Plan.Seed.ToString(CultureInfo.InvariantCulture)),
                Fact("Repetitions", header.Plan.Repeat.ToString(CultureInfo.InvariantCulture)),
                Fact("ChaosDrill", Plain.Line(header.ToolVersion)),
            },
            ["labels"] = header.Labels.OrderBy(l => l.Key, StringComparer.Ordinal)
                .Select(l => (object?)new Fields { ["name"] = Plain.Line(l.Key), ["value"] = Plain.Line(l.Value) }).ToList(),
            ["source"] = Source(header),
        };
    }

    private static Fields Fact(string term, string value) => new() { ["term"] = term, ["value"] = value };

    private static string Began(DrillFacts facts)
    {
        var start = facts.Header.StartedAt.ToUniversalTime();
        var utc = start.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) + " UTC";
        return facts.HasLocalTime ? $"{utc} ({facts.Local(TimeSpan.Zero, seconds: true)} {Plain.Line(facts.Header.TimeZone)})" : utc;
    }

    private static Fields Source(DrillHeader header)
    {
        var text = Plain.Block(header.Source.Text);

        // Longer than any run of backticks inside, so that nothing inside can end it.
        var fence = new string('`', 3);
        while (text.Contains(fence, StringComparison.Ordinal))
        {
            fence += '`';
        }

        return new Fields { ["file"] = Plain.Line(header.Source.File), ["text"] = new Markup(text, isCode: true), ["fence"] = new Markup(fence, isCode: true) };
    }

    private static string Sentence(string text) => text.Length == 0 ? ""
        : (IsWord(text) ? char.ToUpperInvariant(text[0]) + text[1..] : text).TrimEnd('.') + ".";

    // "recoveryTime" and "deployment/storefront" are names, not words.
    private static bool IsWord(string text) => text.TakeWhile(c => c != ' ').All(c => char.IsAsciiLetterLower(c) || c is ',' or ':');
}
