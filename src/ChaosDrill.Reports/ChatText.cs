using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Measures;
using ChaosDrill.Reports.Postmortems;
using ChaosDrill.Reports.Wording;

namespace ChaosDrill.Reports;

/// <summary>A drill in one paragraph, for a chat: no markup that a chat would swallow, and nobody is pinged by it.</summary>
public static class ChatText
{
    /// <summary>Writes the paragraph, one line.</summary>
    public static string Of(DrillRecord record, Judgement judgement)
    {
        var facts = new DrillFacts(record, judgement);
        var cluster = record.Header.Plan.Cluster;
        List<string> sentences =
        [
            $"{facts.Headline.ToUpperInvariant()}: drill of {record.Header.Scenario} on {(cluster.IsTwin ? "the twin" : "cluster " + cluster.Name)} ({record.Header.StartedAt.UtcDateTime:yyyy-MM-dd HH:mm} UTC): {judgement.Reason.TrimEnd('.')}.",
            .. judgement.Objectives.Select(o =>
                $"{Words.Metric(o.Goal)} of {o.Goal.Subject}: {Measured(o)} ({o.Goal.Limit}, {Words.Of(o.Verdict)})."),
            judgement.UndoComplete ? "Everything is put back." : "NOT everything was put back: a person is needed.",
            $"Drill {record.Header.Id}.",
        ];

        // A zero-width space after an @ keeps it from calling somebody, and after a < from being a call or a link of Slack's.
        return Plain.Line(string.Join(' ', sentences.Select(Plain.Line))).Replace("@", "@\u200B", StringComparison.Ordinal).Replace("<", "<\u200B", StringComparison.Ordinal) + "\n";
    }

    private static string Measured(ObjectiveResult result) =>
        result.Measure.Spread is { } spread ? $"median {Figures.Value(result.Measure.Unit, spread.Median)}, at worst {Figures.Value(result.Measure.Unit, spread.Max)} of {spread.Count}"
        : result.Measure.Values is [var one] ? Figures.Estimate(result.Measure.Unit, one, Words.LimitOf(result.Goal)) : "no value";
}
