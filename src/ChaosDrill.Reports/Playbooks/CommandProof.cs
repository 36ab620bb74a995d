using System.Globalization;
using System.Text;
using ChaosDrill.Model.Measures;
using ChaosDrill.Reports.Wording;

namespace ChaosDrill.Reports.Playbooks;

/// <summary>Says below every block of commands whether drills have run it, how long it took and when that was last so; no template can leave it out.</summary>
internal static class CommandProof
{
    /// <summary>A playbook with a line below each block.</summary>
    public static string Add(string markdown, DrillTimes times)
    {
        var blocks = PlaybookCommand.Of(markdown).GroupBy(c => c.Block).ToDictionary(b => b.Key, b => b.ToList());
        var text = new StringBuilder();
        var lines = markdown.Split('\n');
        List<PlaybookCommand>? open = null;
        for (var i = 0; i < lines.Length; i++)
        {
            text.Append(lines[i]).Append(i + 1 < lines.Length ? "\n" : "");
            if (blocks.TryGetValue(i + 1, out var begun))
            {
                open = begun;
            }
            else if (open is not null && lines[i].StartsWith("```", StringComparison.Ordinal))
            {
                text.Append(Line(open, times)).Append('\n');
                open = null;
            }
        }

        return text.ToString();
    }

    private static string Line(List<PlaybookCommand> block, DrillTimes times)
    {
        var verb = block[0].Effect == CommandEffect.Change ? "Dry-run" : "Run";
        if (times.Together([.. block.Select(c => c.Text)]) is { } together)
        {
            var (spread, last) = together;
            return string.Create(
                CultureInfo.InvariantCulture,
                $"*{verb} in drills: median {Figures.Seconds(spread.Median)}, p95 {Figures.Seconds(spread.P95)}, n = {spread.Count}; last proved {last.StartedAt.UtcDateTime:yyyy-MM-dd} in {Plain.Line(last.Id)}.*");
        }

        var proved = block.Where(c => times.Together([c.Text]) is not null).ToList();
        return proved.Count == 0 ? "*Never proved in a drill.*"
            : $"*{verb} in drills, but never {string.Join(" and ", block.Except(proved).Select(c => $"`{c.Text}`"))}.*";
    }
}
