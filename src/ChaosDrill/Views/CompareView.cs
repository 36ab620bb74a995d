using System.Text.Json.Nodes;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Measures;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Views;

/// <summary>Two drills side by side.</summary>
internal static class CompareView
{
    private sealed record Line(string What, string First, string Second, string Change, Tone Tone = Tone.Plain);

    /// <summary>What differs in what was drilled, and what was measured in each.</summary>
    public static IEnumerable<StyledLine> Of((DrillRecord Record, Judgement Judgement) first, (DrillRecord Record, Judgement Judgement) second)
    {
        List<Line> lines = [new("", first.Record.Header.Id, second.Record.Header.Id, "CHANGE", Tone.Faint), .. Surroundings(first, second), .. Measures(first.Judgement, second.Judgement)];
        var (what, one, two) = (lines.Max(l => l.What.Length) + 2, lines.Max(l => l.First.Length) + 2, lines.Max(l => l.Second.Length) + 2);
        foreach (var line in lines)
        {
            yield return new StyledLine().AddColumn(line.What, what).AddColumn(line.First, one).AddColumn(line.Second, two).Add(line.Change, line.Tone);
        }

        if (first.Record.Header.Source.Digest != second.Record.Header.Source.Digest || first.Record.Header.Plan.Cluster != second.Record.Header.Plan.Cluster)
        {
            yield return new StyledLine().Add("Not the same thing was drilled: a difference may come from that.", Tone.Warning);
        }

        yield return new StyledLine().Add("Two drills tell nothing from chance; \"chaosdrill trend\" judges a new drill against all earlier ones.", Tone.Faint);
    }

    /// <summary>The same for programs.</summary>
    public static JsonNode Node((DrillRecord Record, Judgement Judgement) first, (DrillRecord Record, Judgement Judgement) second) => new JsonObject
    {
        ["first"] = first.Record.Header.Id,
        ["second"] = second.Record.Header.Id,
        ["sameScenario"] = first.Record.Header.Source.Digest == second.Record.Header.Source.Digest,
        ["sameCluster"] = first.Record.Header.Plan.Cluster == second.Record.Header.Plan.Cluster,
        ["objectives"] = new JsonArray([.. Pairs(first.Judgement, second.Judgement).Select(p => (JsonNode)new JsonObject
        {
            ["metric"] = p.Goal.Metric,
            ["subject"] = p.Goal.Subject,
            ["unit"] = ResultJson.Word((p.First ?? p.Second)!.Measure.Unit),
            ["first"] = Median(p.First),
            ["second"] = Median(p.Second),
            ["firstVerdict"] = p.First?.Verdict.ToString().ToLowerInvariant(),
            ["secondVerdict"] = p.Second?.Verdict.ToString().ToLowerInvariant(),
        })]),
    };

    private static IEnumerable<Line> Surroundings((DrillRecord Record, Judgement Judgement) first, (DrillRecord Record, Judgement Judgement) second)
    {
        var (a, b) = (first.Record.Header, second.Record.Header);
        (string What, string First, string Second)[] facts =
        [
            ("outcome", first.Judgement.Outcome.ToString().ToLowerInvariant(), second.Judgement.Outcome.ToString().ToLowerInvariant()),
            ("started (UTC)", $"{a.StartedAt.UtcDateTime:yyyy-MM-dd HH:mm:ss}", $"{b.StartedAt.UtcDateTime:yyyy-MM-dd HH:mm:ss}"),
            ("scenario", $"{a.Scenario} {Short(a.Source.Digest)}", $"{b.Scenario} {Short(b.Source.Digest)}"),
            ("cluster", $"{a.Plan.Cluster.Name} {a.Plan.Cluster.Version}", $"{b.Plan.Cluster.Name} {b.Plan.Cluster.Version}"),
            ("clock", a.VirtualTime ? "virtual" : "real", b.VirtualTime ? "virtual" : "real"),
            ("seed", $"{a.Plan.Seed}", $"{b.Plan.Seed}"),
            ("ChaosDrill", a.ToolVersion, b.ToolVersion),
        ];
        return facts.Select(f => new Line(f.What, f.First, f.Second, f.First == f.Second || f.What == "started (UTC)" ? "" : "differs", Tone.Warning));
    }

    private static IEnumerable<Line> Measures(Judgement first, Judgement second)
    {
        foreach (var (goal, one, two) in Pairs(first, second))
        {
            var unit = (one ?? two)!.Measure.Unit;
            var (a, b) = (Median(one), Median(two));
            var change = a is null || b is null ? ""
                : a == b ? "same"
                : $"{(b > a ? "+" : "-")}{Figures.Value(unit, Math.Abs(b.Value - a.Value))}" + (unit == MeasureUnit.Seconds && a > 0 ? $" ({(b.Value - a.Value) / a.Value * 100:+0.#;-0.#}%)" : "");
            var isWorse = GoalLimit.Of(goal) is { MoreIsBetter: true } ? b < a : b > a;
            yield return new Line($"{goal.Metric} of {goal.Subject}", Said(one), Said(two), change, change.Length == 0 || a == b ? Tone.Plain : isWorse ? Tone.Bad : Tone.Good);
        }
    }

    private static IEnumerable<(ObjectiveGoal Goal, ObjectiveResult? First, ObjectiveResult? Second)> Pairs(Judgement first, Judgement second)
    {
        static (string, string) Key(ObjectiveResult r) => (r.Goal.Metric, r.Goal.Subject);
        var others = second.Objectives.ToList();
        foreach (var one in first.Objectives)
        {
            var two = others.Find(o => Key(o) == Key(one));
            others.Remove(two!);
            yield return (one.Goal, one, two);
        }

        foreach (var two in others)
        {
            yield return (two.Goal, null, two);
        }
    }

    private static string Said(ObjectiveResult? result)
    {
        if (result is null)
        {
            return "-";
        }

        var known = result.Measure.Values;
        var text = result.Measure.Spread is { } spread ? $"{Figures.Value(result.Measure.Unit, spread.Median)} (median of {spread.Count})"
            : known.Count == 0 ? "no value" : Figures.Estimate(result.Measure.Unit, known[0], GoalLimit.Of(result.Goal)?.Number);
        return $"{text} {result.Verdict.ToString().ToLowerInvariant()}";
    }

    private static double? Median(ObjectiveResult? result) =>
        result is null || result.Measure.Values.Count == 0 || result.Measure.Values.Any(v => v.Value is null || v.High is null)
            ? null : Spread.Of([.. result.Measure.Values.Select(v => v.Value!.Value)]).Median;

    private static string Short(string digest) => digest.Length > 8 ? digest[..8] : digest;
}
