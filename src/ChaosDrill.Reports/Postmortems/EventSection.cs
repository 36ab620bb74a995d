using System.Globalization;
using ChaosDrill.Model.Measures;
using ChaosDrill.Reports.Templates;

namespace ChaosDrill.Reports.Postmortems;

/// <summary>The table of events: at once when it is short, otherwise its key lines, and every line folded away in parts.</summary>
internal static class EventSection
{
    /// <summary>Lines that are unfolded together.</summary>
    private const int PartLength = 250;

    /// <summary>No browser is glad of more; drill.json has every entry.</summary>
    private const int MostFolded = 25_000;

    public static Fields Of(DrillFacts facts)
    {
        var all = EventRows.All(facts);
        var isShort = all.Count <= EventRows.Most;
        var lines = DrillDocument.Lines(facts.Record, facts.Judgement);
        var shown = isShort ? all : EventRows.Key(facts);
        MarkupStream Body(IReadOnlyList<EventRow> rows) => new(document => Write(document, facts, rows, lines));
        Fields Row(EventRow row) => new()
        {
            ["since"] = Figures.Since(row.At),
            ["until"] = row.Until is { } until ? Figures.Since(until) : null,
            ["entry"] = EntryOf(row),
            ["line"] = lines[row.First.Sequence],
            ["utc"] = facts.Utc(row.At),
            ["local"] = facts.HasLocalTime ? facts.Local(row.At) : null,
            ["what"] = row.What,
            ["detail"] = row.Detail,
            ["class"] = ClassOf(row.Kind),
        };
        return new Fields
        {
            ["entries"] = facts.Timeline.Count == 1 ? "1 entry" : Figures.Count(facts.Timeline.Count) + " entries",
            ["lines"] = Figures.Count(all.Count),
            ["isShort"] = isShort,
            ["leftOut"] = all.Count > MostFolded ? Figures.Count(all.Count - MostFolded) : null,
            ["hasLocalTime"] = facts.HasLocalTime,
            ["rows"] = shown.Select(r => (object?)Row(r)).ToList(),
            ["body"] = Body(shown),
            ["parts"] = isShort ? [] : all.Take(MostFolded).Chunk(PartLength).Select((part, i) => (object?)new Fields
            {
                ["first"] = Figures.Count((i * PartLength) + 1),
                ["last"] = Figures.Count((i * PartLength) + part.Length),
                ["from"] = Figures.Since(part[0].At),
                ["to"] = Figures.Since(part[^1].At),
                ["body"] = Body(part),
            }).ToList(),
        };
    }

    // The template engine takes a second for ten thousand of these.
    private static void Write(TextWriter document, DrillFacts facts, IReadOnlyList<EventRow> rows, IReadOnlyDictionary<long, int> lines)
    {
        static string Text(string text) => HtmlValueEncoder.Instance.Encode(text);
        foreach (var row in rows)
        {
            var until = row.Until is { } to ? $"<span class=\"until\">to {Figures.Since(to)}</span>" : "";
            var local = facts.HasLocalTime ? $"<td class=\"clock\">{facts.Local(row.At)}</td>" : "";
            var detail = row.Detail.Length > 0 ? $" <span class=\"detail\">{Text(row.Detail)}</span>" : "";
            document.Write(string.Create(
                CultureInfo.InvariantCulture,
                $"""
                <tr class="{ClassOf(row.Kind)}"><td class="num">{Figures.Since(row.At)}{until}</td><td class="clock">{facts.Utc(row.At)}</td>{local}<td><span class="what">{Text(row.What)}</span> <a class="entry" href="drill.json#L{lines[row.First.Sequence]}">entry {EntryOf(row)}</a>{detail}</td></tr>

                """));
        }
    }

    private static string EntryOf(EventRow row) =>
        row.Last is null ? Figures.Count(row.First.Sequence) : $"{Figures.Count(row.First.Sequence)} to {Figures.Count(row.Last.Sequence)}";

    private static string ClassOf(EventKind kind) => kind switch
    {
        EventKind.Stage => "stage",
        EventKind.Fault => "fault",
        EventKind.Bad => "bad",
        EventKind.Good => "good",
        EventKind.Unknown => "unknown",
        _ => "plain",
    };
}
