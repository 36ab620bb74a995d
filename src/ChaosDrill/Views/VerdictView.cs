using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Measures;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Views;

/// <summary>How a drill ended, in text.</summary>
internal static class VerdictView
{
    /// <summary>More recoveries than these are summed up.</summary>
    private const int MostWays = 3;

    /// <summary>The one word and why, objectives beside measures, the recovery and its phases.</summary>
    public static IEnumerable<StyledLine> Of(DrillRecord record, Judgement judgement)
    {
        yield return new StyledLine()
            .Add(Word(judgement), ToneOf(judgement)).Add("  ").Add(judgement.Reason).Add($"  ({record.Header.Id})", Tone.Faint);
        if (!judgement.UndoComplete)
        {
            yield return new StyledLine().Add("Something was NOT put back; a person is needed. See the undo entries of the report.", Tone.Bad);
        }

        if (record.End?.Ending == DrillEnding.Refused)
        {
            yield break;
        }

        var named = judgement.Objectives.Select(o => Name(o).Length).DefaultIfEmpty(0).Max() + 2;
        var valued = judgement.Objectives.Select(o => Value(o.Measure).Length).DefaultIfEmpty(0).Max() + 2;
        foreach (var objective in judgement.Objectives)
        {
            foreach (var line in Objective(objective, named, valued))
            {
                yield return line;
            }
        }

        if (judgement.Recoveries.Count > MostWays)
        {
            yield return StyledLine.Empty;
            foreach (var line in judgement.Recoveries.GroupBy(r => r.Of).Select(Ways))
            {
                yield return line;
            }

            yield break;
        }

        foreach (var recovery in judgement.Recoveries)
        {
            foreach (var line in Way(recovery, judgement.Recoveries.Count > 1))
            {
                yield return line;
            }
        }
    }

    /// <summary>Where the report lies, and what the exit code means.</summary>
    public static IEnumerable<StyledLine> Where(DrillRecord record, string? report, ExitCode code)
    {
        yield return StyledLine.Empty;
        if (report is not null)
        {
            yield return new StyledLine().AddColumn("report", 12, Tone.Faint).Add(report);
        }

        yield return new StyledLine().AddColumn("again", 12, Tone.Faint).Add($"chaosdrill show {record.Header.Id}");
        yield return new StyledLine().AddColumn("exit code", 12, Tone.Faint).Add($"{(int)code}: {ExitCodes.Meaning(code)}");
    }

    /// <summary>The mark of a verdict.</summary>
    public static (string Mark, Tone Tone) Mark(Verdict verdict) => verdict switch
    {
        Verdict.Pass => ("✓", Tone.Good),
        Verdict.Fail => ("✗", Tone.Bad),
        _ => ("?", Tone.Warning),
    };

    /// <summary>The worst value of a measure beside its spread, in words.</summary>
    public static string Value(Measure measure)
    {
        if (measure.Values.Count == 0)
        {
            return "nothing was measured";
        }

        if (measure.Values.Count == 1)
        {
            return Figures.Estimate(measure.Unit, measure.Values[0]);
        }

        return measure.Spread is { } s
            ? $"min {Number(s.Min)}, median {Number(s.Median)}, p95 {Number(s.P95)}, max {Number(s.Max)} (n={s.Count})"
            : string.Join(", ", measure.Values.Select(v => Figures.Estimate(measure.Unit, v)));

        string Number(double value) => Figures.Value(measure.Unit, value);
    }

    private static string Name(ObjectiveResult objective) => $"{objective.Goal.Metric} of {objective.Goal.Subject}";

    private static IEnumerable<StyledLine> Objective(ObjectiveResult objective, int named, int valued)
    {
        var (mark, tone) = Mark(objective.Verdict);
        yield return new StyledLine().Add($"  {mark} ", tone)
            .AddColumn(Name(objective), named).AddColumn(Value(objective.Measure), valued, Tone.Strong).Add(objective.Goal.Limit, Tone.Faint);
        if (objective.Verdict != Verdict.Pass)
        {
            yield return new StyledLine().Add($"    {objective.Reason}", Tone.Faint);
        }
    }

    private static StyledLine Ways(IGrouping<WorkloadReference, Recovery> recoveries)
    {
        var line = new StyledLine().Add($"Recoveries of {recoveries.Key}", Tone.Strong).Add($"  {recoveries.Count()}; each is in the report");
        var costliest = recoveries.Where(r => r.CostliestPhase is not null).GroupBy(r => r.CostliestPhase!).MaxBy(g => g.Count());
        return costliest is null ? line : line.Add($"; costliest phase: {costliest.Key} ({costliest.Count()} of {recoveries.Count()})");
    }

    private static IEnumerable<StyledLine> Way(Recovery recovery, bool several)
    {
        if (recovery.Marks.Count < 2)
        {
            yield break;
        }

        yield return StyledLine.Empty;
        yield return new StyledLine().Add($"Recovery of {recovery.Of}{(several ? $", run {recovery.Iteration}" : "")}", Tone.Strong)
            .Add(recovery.CostliestPhase is null ? "" : $"  costliest phase: {recovery.CostliestPhase}");
        var zero = recovery.Marks.FirstOrDefault(m => m.Name == "took effect")?.At ?? recovery.Marks[0].At;
        foreach (var mark in recovery.Marks)
        {
            var offset = mark.At - zero;
            yield return new StyledLine()
                .Add($"  {(offset < TimeSpan.Zero ? "-" : "+")}{Clocks.Instant(offset.Duration())} s".PadLeft(12) + "  ")
                .AddColumn(mark.Name, 22).Add(mark.Detail ?? "", Tone.Faint);
        }
    }

    private static string Word(Judgement judgement) =>
        judgement.UndoComplete ? judgement.Outcome.ToString().ToUpperInvariant() : $"{judgement.Outcome.ToString().ToUpperInvariant()}, UNDO INCOMPLETE";

    private static Tone ToneOf(Judgement judgement) => judgement switch
    {
        { UndoComplete: false } or { Outcome: DrillOutcome.Fail } => Tone.Bad,
        { Outcome: DrillOutcome.Pass } => Tone.Good,
        _ => Tone.Warning,
    };
}
