using ChaosDrill.Model.Measures;

namespace ChaosDrill.Reports.Postmortems;

/// <summary>The table of events.</summary>
internal static class EventSection
{
    public static Fields Of(DrillFacts facts)
    {
        var (rows, leftOut) = EventRows.Of(facts);
        var lines = DrillDocument.Lines(facts.Record, facts.Judgement);
        return new Fields
        {
            ["entries"] = facts.Timeline.Count == 1 ? "1 entry" : Figures.Count(facts.Timeline.Count) + " entries",
            ["leftOut"] = leftOut == 0 ? null : Figures.Count(leftOut),
            ["hasLocalTime"] = facts.HasLocalTime,
            ["rows"] = rows.Select(r => (object?)new Fields
            {
                ["since"] = Figures.Since(r.At),
                ["until"] = r.Until is { } until ? Figures.Since(until) : null,
                ["entry"] = r.Last is null ? Figures.Count(r.First.Sequence) : $"{Figures.Count(r.First.Sequence)} to {Figures.Count(r.Last.Sequence)}",
                ["line"] = lines[r.First.Sequence],
                ["utc"] = facts.Utc(r.At),
                ["local"] = facts.HasLocalTime ? facts.Local(r.At) : null,
                ["what"] = r.What,
                ["detail"] = r.Detail,
                ["class"] = r.Kind.ToString().ToLowerInvariant(),
            }).ToList(),
        };
    }
}
